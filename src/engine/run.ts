/** One run of an operation inside its thread: how it is stopped and how it tells how far it is. */
import { newCounters, type RunCounters, Warnings } from '../repository/index.ts';
import type { Warning } from '../contracts/index.ts';
import type { Progress } from './operations.ts';
import type { ThreadLimits } from './thread-limits.ts';

/** Progress is told this often. */
const INTERVAL_MS = 200;

export class Run implements Disposable {
  readonly signal: AbortSignal;
  /** What it may use. */
  readonly limits: ThreadLimits;
  readonly counters: RunCounters = newCounters();
  readonly warnings = new Warnings();
  phase: Progress['phase'] = 'PREPARING';
  readonly #report: (progress: Progress) => void;
  readonly #timer: NodeJS.Timeout;
  #last = '';

  constructor(signal: AbortSignal, limits: ThreadLimits, report: (progress: Progress) => void) {
    this.signal = signal;
    this.limits = limits;
    this.#report = report;
    this.#timer = setInterval(() => this.#tell(), INTERVAL_MS);
  }

  /** Enters a phase, at once visible to whoever watches. */
  enter(phase: Progress['phase']): void {
    this.phase = phase;
    this.#tell();
  }

  /** Counts in what an earlier attempt of the same run has done. */
  takeOver(done: { files: number; bytes: number; warnings: readonly Warning[]; warningCount: number }): void {
    this.counters.itemsDone += done.files;
    this.counters.bytesDone += done.bytes;
    for (const warning of done.warnings) this.warnings.add(warning);
    this.warnings.addUnkept(done.warningCount - done.warnings.length);
  }

  /** Adds to what is expected in total. */
  expect(total: { readonly items?: number; readonly bytes?: number }): void {
    if (total.items !== undefined) this.counters.itemsTotal = (this.counters.itemsTotal ?? 0) + total.items;
    if (total.bytes !== undefined) this.counters.bytesTotal = (this.counters.bytesTotal ?? 0) + total.bytes;
  }

  [Symbol.dispose](): void {
    clearInterval(this.#timer);
  }

  #tell(): void {
    const { itemsDone, itemsTotal, bytesDone, bytesTotal, addedBytes, currentItem } = this.counters;
    const progress: Progress = {
      phase: this.phase,
      itemsDone,
      bytesDone,
      addedBytes,
      warningCount: this.warnings.count,
      ...(itemsTotal !== undefined && { itemsTotal: Math.max(itemsTotal, itemsDone) }),
      ...(bytesTotal !== undefined && { bytesTotal: Math.max(bytesTotal, bytesDone) }),
      ...(currentItem !== undefined && currentItem !== '' && { currentItem }),
    };
    const text = JSON.stringify(progress);
    if (text === this.#last) return;
    this.#last = text;
    this.#report(progress);
  }
}

/** Keeps the latest expectation of each source, and their sum in the run. */
export function sourceExpectation(run: Run): (total: { readonly items?: number; readonly bytes?: number }) => void {
  let items = 0;
  let bytes = 0;
  return (total) => {
    const more = { items: (total.items ?? items) - items, bytes: (total.bytes ?? bytes) - bytes };
    items += more.items;
    bytes += more.bytes;
    run.expect({
      ...(total.items !== undefined && { items: more.items }),
      ...(total.bytes !== undefined && { bytes: more.bytes }),
    });
  };
}
