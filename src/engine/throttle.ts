/** Paces bytes: what moves is owed, and what is owed is paid off at the limit's rate before more may move. */

/** A clock that only goes forward, and its alarms, so that tests can set both. */
export interface Timer {
  /** Milliseconds since some moment. */
  now(): number;
  /** Calls `action` once, so many milliseconds from now, unless it is disposed before. */
  after(milliseconds: number, action: () => void): Disposable;
}

export const systemTimer: Timer = {
  now: () => performance.now(),
  after(milliseconds, action) {
    const timer = setTimeout(action, milliseconds);
    return { [Symbol.dispose]: () => clearTimeout(timer) };
  },
};

/** What this much time pays off may be owed and still more may move, so that small objects need no exact alarms. */
const SLACK_SECONDS = 0.1;
/** Alarms further away are set in steps; those of the runtime do not reach over a month. */
const LONGEST_ALARM_MS = 60_000;

interface Waiter {
  readonly owner: object;
  readonly bytes: number;
  readonly go: () => void;
}

/**
 * One direction of one storage target. Over any time t no more than `rate * (t + 0.1 s)` bytes and one object are let through: an object
 * is let through whole, and those after it wait until it is paid off. Whoever waits is served in the order of asking.
 */
export class Throttle implements Disposable {
  readonly #timer: Timer;
  #waiting: Waiter[] = [];
  #rate: number | undefined;
  #owed = 0;
  #paidAt: number;
  #alarm: Disposable | undefined;

  constructor(timer: Timer) {
    this.#timer = timer;
    this.#paidAt = timer.now();
  }

  /** Bytes a second; undefined when there is no limit. */
  get rate(): number | undefined {
    return this.#rate;
  }

  /** Holds for those who wait already, from now on. */
  limit(rate: number | undefined): void {
    this.#payOff();
    this.#rate = rate;
    if (rate === undefined) this.#owed = 0;
    this.#serve();
  }

  /** Calls `go` once so many bytes may move: now, if nothing stands against it; never after `withdraw(owner)`. */
  ask(owner: object, bytes: number, go: () => void): void {
    this.#waiting.push({ owner, bytes, go });
    this.#serve();
  }

  /** Forgets what an owner still waits for. */
  withdraw(owner: object): void {
    this.#waiting = this.#waiting.filter((waiter) => waiter.owner !== owner);
    this.#serve();
  }

  /** So many bytes more, or less when negative, have moved than was asked for. */
  correct(bytes: number): void {
    if (this.#rate === undefined) return;
    this.#payOff();
    this.#owed = Math.max(0, this.#owed + bytes);
    this.#serve();
  }

  /** Nobody is served any more. */
  [Symbol.dispose](): void {
    this.#alarm?.[Symbol.dispose]();
    this.#waiting = [];
  }

  #payOff(): void {
    const now = this.#timer.now();
    this.#owed = Math.max(0, this.#owed - ((this.#rate ?? 0) * (now - this.#paidAt)) / 1000);
    this.#paidAt = now;
  }

  #serve(): void {
    this.#alarm?.[Symbol.dispose]();
    this.#alarm = undefined;
    this.#payOff();
    for (;;) {
      const [next] = this.#waiting;
      if (next === undefined) return;
      const rate = this.#rate;
      const wait = rate === undefined ? 0 : Math.ceil((this.#owed / rate - SLACK_SECONDS) * 1000);
      if (wait > 0) {
        this.#alarm = this.#timer.after(Math.min(wait, LONGEST_ALARM_MS), () => this.#serve());
        return;
      }
      this.#waiting.shift();
      if (rate !== undefined) this.#owed += next.bytes;
      next.go();
    }
  }
}
