/** Waiting for a condition instead of for a time. */
import { setTimeout as delay } from 'node:timers/promises';

export interface WaitOptions {
  /** What is waited for, in words: the error names it. */
  readonly message: string;
  /** Gives up after so many milliseconds. */
  readonly timeoutMs?: number;
  /** Time between two looks, in milliseconds. */
  readonly intervalMs?: number;
}

/**
 * Resolves with the first truthy value that `condition` gives. A condition that throws counts as not met; its last
 * error becomes the cause of the failure when the time is up.
 */
export async function waitFor<T>(
  condition: () => T | Promise<T>,
  { message, timeoutMs = 15_000, intervalMs = 25 }: WaitOptions,
): Promise<Exclude<T, null | undefined | false>> {
  const deadline = performance.now() + timeoutMs;
  let last: unknown;
  for (;;) {
    try {
      const value = await condition();
      if (isMet(value)) return value;
      last = undefined;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) {
      const reason = last instanceof Error ? `: ${last.message}` : '';
      throw new Error(`Waited ${timeoutMs} ms in vain for ${message}${reason}`, { cause: last });
    }
    await delay(intervalMs);
  }
}

const isMet = <T>(value: T): value is Exclude<T, null | undefined | false> => Boolean(value);
