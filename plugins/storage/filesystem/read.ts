/** Reads files, whole or in part, with as few system calls as that takes. */
import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { ByteRange } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { checkSignal } from './errors.ts';

/** A range up to this long is given its memory without asking for the size of the file first. */
const UNQUESTIONED = 1024 * 1024;

/** Bytes read between two looks at the signal. */
const SLICE = 8 * 1024 * 1024;

/**
 * Reads `range` of the plain file at `path`, or all of it; into `into` where it fits, else into memory of its own, of which it never takes
 * more than the file has bytes, or 1 MiB.
 */
export async function readObject(
  path: string,
  range?: ByteRange,
  signal?: AbortSignal,
  into?: Uint8Array,
): Promise<Uint8Array> {
  if (range !== undefined && !isRange(range)) {
    throw new StrongroomError('INTERNAL', { reason: `no range: ${range.length} bytes from ${range.offset}` });
  }
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  try {
    const offset = range?.offset ?? 0;
    let length = range?.length ?? Number.POSITIVE_INFINITY;
    if (length > UNQUESTIONED) length = Math.min(length, Math.max(0, (await handle.stat()).size - offset));
    const bytes = into !== undefined && length <= into.length ? into : Buffer.allocUnsafeSlow(length);
    let filled = 0;
    while (filled < length) {
      checkSignal(signal);
      const { bytesRead } = await handle.read(bytes, filled, Math.min(SLICE, length - filled), offset + filled);
      if (bytesRead === 0) break;
      filled += bytesRead;
    }
    return bytes.subarray(0, filled);
  } finally {
    await handle.close();
  }
}

const isRange = ({ offset, length }: ByteRange): boolean =>
  Number.isSafeInteger(offset) && offset >= 0 && Number.isSafeInteger(length) && length >= 0;
