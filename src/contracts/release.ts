/** Letting go of large buffers at once, instead of when the collector gets to them: memory then follows the work. */

import { isMarkedAsUntransferable } from 'node:worker_threads';

/** Smaller ones are not worth it, and may lie in a pool that Node shares out. */
const LEAST = 64 * 1024;

/**
 * Frees the memory of bytes that nobody needs any more. What shares its memory with one of `kept` is left alone, so codecs that
 * answer their input are no danger.
 */
export function release(bytes: Uint8Array, ...kept: readonly Uint8Array[]): void {
  const { buffer } = bytes;
  if (bytes.byteLength < LEAST || !(buffer instanceof ArrayBuffer) || isMarkedAsUntransferable(buffer)) return;
  if (kept.some((other) => other.buffer === buffer)) return;
  buffer.transfer(0);
}
