/** What tells one run of the operating system from the next. */
import { readFileSync } from 'node:fs';

/**
 * Names the time from one start of the operating system to the next; `undefined` where that has no name. What was written without being
 * flushed can be relied on as long as the name stays.
 */
export const bootId = (): string | undefined =>
  process.platform === 'linux' ? readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim() : undefined;
