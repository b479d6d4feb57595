/** Reads small files of a backup that this plugin wrote itself. */
import type { z } from 'zod';
import { StrongroomError } from '../../../src/errors.ts';

/** Throws `RESTORE_TARGET_UNSUITABLE` for what is longer than `most` bytes or not of that shape, and what can't be read of the content. */
export async function readJson<S extends z.ZodType>(
  content: AsyncIterable<Uint8Array>,
  shape: S,
  most: number,
): Promise<z.output<S>> {
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of content) {
    length += part.length;
    if (length > most) throw unreadable('a description in it is too long');
    parts.push(part.slice());
  }
  try {
    return shape.parse(JSON.parse(Buffer.concat(parts).toString()));
  } catch (error) {
    throw unreadable('a description in it is of another version of this plugin, or none', error);
  }
}

const unreadable = (reason: string, cause?: unknown): StrongroomError =>
  new StrongroomError(
    'RESTORE_TARGET_UNSUITABLE',
    { reason: `the backup of the database can't be read: ${reason}` },
    { cause },
  );
