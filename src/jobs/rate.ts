/** How fast a run goes and how long it will take: worked out here alone, by the worker that runs it. */
import { z } from 'zod';
import type { Progress } from '../engine/operations.ts';

/** Progress as it is published and kept in the row. Bytes are plain numbers: exact up to 9 PB. */
export const runProgress = z.object({
  phase: z.enum(['PREPARING', 'READING', 'WRITING', 'VERIFYING', 'FINISHING']),
  currentItem: z.string().optional(),
  itemsDone: z.number(),
  itemsTotal: z.number().optional(),
  bytesDone: z.number(),
  bytesTotal: z.number().optional(),
  addedBytes: z.number().optional(),
  warningCount: z.number(),
  bytesPerSecond: z.number().optional(),
  secondsLeft: z.number().optional(),
});
export type RunProgress = z.output<typeof runProgress>;

export interface RateMeter {
  /** The progress with throughput and time left, as of `now` in milliseconds. */
  measure(progress: Progress, now: number): RunProgress;
}

/** Seconds after which what was measured counts for about a third: long enough to be calm, short enough to be true. */
const memorySeconds = 5;
/** Paths can be long, notifications are not. */
const longestItem = 1_000;

/** Follows one attempt at a run: an exponentially weighted average, weighted by the time between two reports. */
export function createRateMeter(): RateMeter {
  let last: { readonly bytes: number; readonly at: number } | undefined;
  let rate: number | undefined;
  return {
    measure(progress, now) {
      const seconds = last === undefined ? 0 : (now - last.at) / 1000;
      if (last === undefined || progress.bytesDone < last.bytes) {
        last = { bytes: progress.bytesDone, at: now };
      } else if (seconds > 0) {
        const present = (progress.bytesDone - last.bytes) / seconds;
        const weight = 1 - Math.exp(-seconds / memorySeconds);
        rate = rate === undefined ? present : rate + weight * (present - rate);
        last = { bytes: progress.bytesDone, at: now };
      }
      const left =
        progress.bytesTotal === undefined ? undefined : Math.max(0, progress.bytesTotal - progress.bytesDone);
      const { currentItem, ...counts } = progress;
      return {
        ...counts,
        ...(currentItem !== undefined && { currentItem: currentItem.slice(0, longestItem) }),
        ...(rate !== undefined && { bytesPerSecond: rate }),
        ...(rate !== undefined && rate > 0 && left !== undefined && { secondsLeft: left / rate }),
      };
    },
  };
}
