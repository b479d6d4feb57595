/** What every decompressor checks before it hands a block on. */
import { StrongroomError } from '../../src/errors.ts';

/** `bytes` if there are exactly `rawLength` of them; throws `BLOCK_UNREADABLE` otherwise. */
export function exactLength(bytes: Uint8Array, rawLength: number): Uint8Array {
  if (bytes.length === rawLength) return bytes;
  throw new StrongroomError('BLOCK_UNREADABLE', {
    reason: `it holds ${bytes.length} bytes where ${rawLength} are expected`,
  });
}

/**
 * Runs a decoder of `node:zlib`, bounded: `decode` gets the most bytes it may yield (never 0, which zlib refuses).
 * Whatever it throws becomes `BLOCK_UNREADABLE`, and so does a result of another length than `rawLength`.
 */
export function decodeExactly(rawLength: number, decode: (limit: number) => Uint8Array): Uint8Array {
  let decoded: Uint8Array;
  try {
    decoded = decode(Math.max(1, rawLength));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('BLOCK_UNREADABLE', { reason: `it can't be decompressed: ${reason}` }, { cause: error });
  }
  return exactLength(decoded, rawLength);
}
