/** One subscriber's place in the change feed: at most one `resync` and one change wait in it. */

export type FeedMessage =
  /** The state may have changed in any way: read it. Always the first message. */
  { readonly kind: 'resync' } | { readonly kind: 'change'; readonly payload: unknown };

type Result = IteratorResult<FeedMessage, undefined>;

const ENDED: Result = { done: true, value: undefined };

/** Filled by the feed, emptied by one reader. */
export class Subscriber implements AsyncIterableIterator<FeedMessage, undefined> {
  #resync = true;
  #change: { readonly payload: unknown } | undefined;
  #ended = false;
  #waiting: ((result: Result) => void)[] = [];
  readonly #signal: AbortSignal | undefined;
  readonly #onEnd: (self: Subscriber) => void;
  readonly #abort = (): void => this.end();

  /** `onEnd` is called once, when nothing more will be taken; within the constructor if `signal` has aborted. */
  constructor(signal: AbortSignal | undefined, onEnd: (self: Subscriber) => void) {
    this.#signal = signal;
    this.#onEnd = onEnd;
    signal?.addEventListener('abort', this.#abort, { once: true });
    if (signal?.aborted === true) this.end();
  }

  /** What waits is stale: the reader is told to read the state. */
  resync(): void {
    this.#resync = true;
    this.#change = undefined;
    this.#deliver();
  }

  /** Replaces a change that still waits. */
  change(payload: unknown): void {
    this.#change = { payload };
    this.#deliver();
  }

  end(): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#signal?.removeEventListener('abort', this.#abort);
    for (const resolve of this.#waiting.splice(0)) resolve(ENDED);
    this.#onEnd(this);
  }

  next(): Promise<Result> {
    const ready = this.#take();
    if (ready !== undefined) return Promise.resolve(ready);
    const { promise, resolve } = Promise.withResolvers<Result>();
    this.#waiting.push(resolve);
    return promise;
  }

  return(): Promise<Result> {
    this.end();
    return Promise.resolve(ENDED);
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): Result | undefined {
    if (this.#ended) return ENDED;
    if (this.#resync) {
      this.#resync = false;
      return { done: false, value: { kind: 'resync' } };
    }
    if (this.#change === undefined) return undefined;
    const { payload } = this.#change;
    this.#change = undefined;
    return { done: false, value: { kind: 'change', payload } };
  }

  #deliver(): void {
    while (this.#waiting.length > 0) {
      const ready = this.#take();
      if (ready === undefined) return;
      this.#waiting.shift()?.(ready);
    }
  }
}
