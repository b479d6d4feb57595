/** How far a run is, told at most five times a second, and how it is stopped. */
import { StrongroomError } from '../errors.ts';
import type { Warning } from '../contracts/index.ts';

/** Counters of a run; whoever works adds to them. */
export interface RunCounters {
  itemsDone: number;
  itemsTotal: number | undefined;
  bytesDone: number;
  bytesTotal: number | undefined;
  addedBytes: number;
  currentItem: string | undefined;
}

export const newCounters = (): RunCounters => ({
  itemsDone: 0,
  itemsTotal: undefined,
  bytesDone: 0,
  bytesTotal: undefined,
  addedBytes: 0,
  currentItem: undefined,
});

/** Warnings kept in words; further ones are only counted. */
const WARNINGS_KEPT = 1000;

export class Warnings {
  readonly kept: Warning[] = [];
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Counts warnings whose words are not known any more. */
  addUnkept(count: number): void {
    this.#count += count;
  }

  add(warning: Warning): void {
    this.#count += 1;
    if (this.kept.length < WARNINGS_KEPT) this.kept.push(warning);
  }
}

/** Throws `CANCELLED` once the signal is aborted. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new StrongroomError('CANCELLED', {});
}
