/** Writes whole files, durable, at once or not at all. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, open, opendir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { PutOptions } from '../../../src/contracts/index.ts';
import { checkSignal, isMissing, isRefused, isThere } from './errors.ts';
import type { Folders } from './folders.ts';
import { refuseLinks, removeFile, TEMPORARY } from './paths.ts';

/** Bytes written between two looks at the signal. */
const SLICE = 8 * 1024 * 1024;

/** A half-written file older than this belongs to no living run: 24 hours, in milliseconds. */
const STALE_AFTER = 24 * 60 * 60 * 1000;

/** Writes `body` to a file that no listing shows, flushed to disk, and returns its path; leaves nothing behind on failure. */
export async function writeTemporary(
  root: string,
  folders: Folders,
  body: Uint8Array,
  options: PutOptions = {},
): Promise<string> {
  const path = join(root, TEMPORARY, `${process.pid}-${randomBytes(12).toString('hex')}`);
  await refuseLinks(root, path, 'write', TEMPORARY);
  try {
    await folders.within(dirname(path), () => writeNew(path, body, options));
  } catch (error) {
    await removeFile(path);
    throw error;
  }
  return path;
}

async function writeNew(path: string, body: Uint8Array, { signal, onTaken }: PutOptions): Promise<void> {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o600);
  try {
    for (let at = 0; at < body.length;) {
      checkSignal(signal);
      at += (await handle.write(body, at, Math.min(SLICE, body.length - at), at)).bytesWritten;
    }
    onTaken?.();
    await handle.sync();
    checkSignal(signal);
  } finally {
    await handle.close();
  }
}

/** Gives the file `temporary` its name for good, replacing what is there. */
export async function publish(folders: Folders, temporary: string, path: string): Promise<void> {
  try {
    await folders.naming(dirname(path), () => rename(temporary, path));
  } catch (error) {
    await removeFile(temporary);
    throw error;
  }
}

/** Gives the file `temporary` its name for good if that is free, and removes it. Exactly one of many racers wins. */
export async function publishIfAbsent(folders: Folders, temporary: string, path: string): Promise<'stored' | 'exists'> {
  try {
    // The folder is flushed for "exists" too: the winner may not have done it yet, and the caller will rely on it.
    return await folders.naming(dirname(path), () => linked(temporary, path));
  } finally {
    await removeFile(temporary);
  }
}

async function linked(temporary: string, path: string): Promise<'stored' | 'exists'> {
  try {
    await link(temporary, path);
    return 'stored';
  } catch (error) {
    if (isThere(error)) return 'exists';
    throw error;
  }
}

/**
 * Removes what runs that died have left half written; what this account may not remove stays. `now` is in milliseconds since
 * 1970.
 */
export async function sweepTemporary(root: string, now: number): Promise<void> {
  const folder = join(root, TEMPORARY);
  for await (const name of namesIn(folder)) {
    const path = join(folder, name);
    try {
      const facts = await lstat(path);
      if (facts.isFile() && now - facts.mtimeMs > STALE_AFTER) await removeFile(path);
    } catch (error) {
      if (!isMissing(error) && !isRefused(error)) throw error;
    }
  }
}

async function* namesIn(folder: string): AsyncGenerator<string> {
  try {
    for await (const entry of await opendir(folder)) yield entry.name;
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
