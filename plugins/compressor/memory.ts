/** How the codecs of `node:zlib` are given memory, and what is checked before a block is handed on. */
import { StrongroomError } from '../../src/errors.ts';

/** `bytes` if there are exactly `rawLength` of them; throws `BLOCK_UNREADABLE` otherwise. */
export function exactLength(bytes: Uint8Array, rawLength: number): Uint8Array {
  if (bytes.length === rawLength) return bytes;
  throw new StrongroomError('BLOCK_UNREADABLE', {
    reason: `it holds ${bytes.length} bytes where ${rawLength} are expected`,
  });
}

/** How a decoder of `node:zlib` is to work; it refuses a `chunkSize` of less than 64 bytes. */
export interface DecoderOptions {
  readonly chunkSize: number;
  readonly maxOutputLength: number;
  readonly rejectGarbageAfterEnd: boolean;
}

/**
 * Runs a decoder of `node:zlib`, bounded by `rawLength` bytes of output. Whatever it throws becomes `BLOCK_UNREADABLE`, and so
 * does a result of another length.
 */
export function decodeExactly(rawLength: number, decode: (options: DecoderOptions) => Uint8Array): Uint8Array {
  let decoded: Uint8Array;
  try {
    // One byte more than the block: zlib takes another buffer of that size whenever one is full to the last byte.
    decoded = decode({
      chunkSize: Math.max(64, rawLength + 1),
      maxOutputLength: Math.max(1, rawLength),
      rejectGarbageAfterEnd: true,
    });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('BLOCK_UNREADABLE', { reason: `it can't be decompressed: ${reason}` }, { cause: error });
  }
  return exactLength(decoded, rawLength);
}

/**
 * Size of the output buffer to compress `length` bytes with: room for the worst case, so that a codec works in one pass from
 * input to output. What it leaves untouched of a large buffer takes no memory.
 */
export const outputChunk = (length: number): number => length + (length >>> 8) + 1024;
