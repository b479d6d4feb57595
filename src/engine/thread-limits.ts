/** The limits of the operation that a thread is at, as its host tells them. The thread's side. */
import { StrongroomError } from '../errors.ts';
import { type Allowance, type Direction, unlimited } from './limits.ts';
import type { Pace } from './paced-storage.ts';
import type { ThreadMessage } from './thread-protocol.ts';

interface Waiting {
  readonly go: () => void;
  readonly cancel: () => void;
}

export class ThreadLimits implements Pace {
  readonly #post: (message: ThreadMessage) => void;
  readonly #waiting = new Map<number, Waiting>();
  #allowance = unlimited;
  #aborted = false;
  #requests = 0;
  #heedLanes: (lanes: number) => void = () => undefined;

  constructor(post: (message: ThreadMessage) => void) {
    this.#post = post;
  }

  /** Starts anew for an operation; `signal` ends every wait of it. */
  begin(allowance: Allowance, signal: AbortSignal): void {
    this.#allowance = allowance;
    this.#aborted = signal.aborted;
    this.end();
    signal.addEventListener('abort', () => this.#abort(), { once: true });
  }

  /** Forgets the operation, which has ended. */
  end(): void {
    this.#heedLanes = () => undefined;
  }

  /** Heeds what the host says from now on. */
  allow(allowance: Allowance): void {
    this.#allowance = allowance;
    this.#heedLanes(allowance.lanes ?? Number.POSITIVE_INFINITY);
  }

  /** Lets who waits for the request go. */
  go(request: number): void {
    this.#waiting.get(request)?.go();
  }

  /** Calls `limit` with the lanes that may work, and again whenever that changes. One operation has one pool of lanes. */
  onLanes(limit: (lanes: number) => void): void {
    this.#heedLanes = limit;
    limit(this.#allowance.lanes ?? Number.POSITIVE_INFINITY);
  }

  async leave(direction: Direction, bytes: number, signal: AbortSignal | undefined): Promise<void> {
    if (!this.#allowance.paced.includes(direction)) return;
    if (this.#aborted || signal?.aborted === true) throw new StrongroomError('CANCELLED', {});
    const request = this.#requests++;
    const left = Promise.withResolvers<void>();
    const cancel = (): void => left.reject(new StrongroomError('CANCELLED', {}));
    this.#waiting.set(request, { go: left.resolve, cancel });
    signal?.addEventListener('abort', cancel, { once: true });
    this.#post({ kind: 'ask', request, direction, bytes });
    try {
      await left.promise;
    } finally {
      this.#waiting.delete(request);
      signal?.removeEventListener('abort', cancel);
    }
  }

  moved(direction: Direction, bytes: number): void {
    if (this.#allowance.paced.includes(direction)) this.#post({ kind: 'moved', direction, bytes });
  }

  #abort(): void {
    this.#aborted = true;
    for (const { cancel } of this.#waiting.values()) cancel();
  }
}
