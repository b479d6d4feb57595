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

/**
 * Follows one attempt at a run: an exponentially weighted average of the throughput, by the time between two reports, that
 * begins with the first byte and leans on nothing but what was measured (its weights add up to one from the start).
 */
export function createRateMeter(): RateMeter {
  let last: { readonly bytes: number; readonly at: number } | undefined;
  let sum = 0;
  let weights = 0;
  const follow = (bytes: number, now: number): void => {
    const seconds = last === undefined ? 0 : (now - last.at) / 1000;
    if (last === undefined || bytes < last.bytes || bytes === 0) {
      last = { bytes, at: now };
    } else if (seconds > 0) {
      const weight = 1 - Math.exp(-seconds / memorySeconds);
      sum += weight * ((bytes - last.bytes) / seconds - sum);
      weights += weight * (1 - weights);
      last = { bytes, at: now };
    }
  };
  return {
    measure({ currentItem, ...counts }, now) {
      follow(counts.bytesDone, now);
      const rate = weights > 0 ? sum / weights : undefined;
      const left = counts.bytesTotal === undefined ? undefined : Math.max(0, counts.bytesTotal - counts.bytesDone);
      return {
        ...counts,
        ...(currentItem !== undefined && { currentItem: currentItem.slice(0, longestItem) }),
        ...(rate !== undefined && { bytesPerSecond: rate }),
        // Slower than a byte a second is standing still, of which no end can be told.
        ...(rate !== undefined && rate >= 1 && left !== undefined && { secondsLeft: left / rate }),
      };
    },
  };
}
