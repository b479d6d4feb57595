/** Copying to and from memory that threads share. */

/**
 * Copies all of `source` into `target` from `at` on, where it must fit.
 *
 * `TypedArray.prototype.set`, and `Buffer.prototype.copy` of a whole buffer, which calls it, take five times as long where one side is
 * shared memory and both are not aligned alike: they then go byte by byte. Node's own code for a part of a buffer does not, so one
 * byte is left for the end.
 */
export function copyBytes(source: Buffer, target: Uint8Array, at: number): void {
  const last = source.length - 1;
  if (last < 0) return;
  if (at + last >= target.length) throw new RangeError(`${source.length} bytes do not fit behind the first ${at}.`);
  source.copy(target, at, 0, last);
  target[at + last] = source[last] as number;
}
