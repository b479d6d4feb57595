/** Whole files, durable, at once or not at all. */
import { randomBytes } from 'node:crypto';
import { constants } from 'node:fs';
import { link, lstat, open, opendir, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { checkSignal, isMissing, isThere } from './errors.ts';
import { flushFolder, makeFolder, TEMPORARY } from './paths.ts';

/** Bytes written between two looks at the signal. */
const SLICE = 8 * 1024 * 1024;

/** A half-written file older than this belongs to no living run: 24 hours, in milliseconds. */
const STALE_AFTER = 24 * 60 * 60 * 1000;

/**
 * Writes a new file below the temporary folder of `root`, flushed to disk, and returns its path. Removes it if anything
 * fails on the way.
 */
export async function writeTemporary(root: string, body: Uint8Array, signal?: AbortSignal): Promise<string> {
  const path = join(root, TEMPORARY, `${process.pid}-${randomBytes(12).toString('hex')}`);
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = await open(path, flags, 0o600);
  try {
    try {
      for (let at = 0; at < body.length; ) {
        checkSignal(signal);
        at += (await handle.write(body, at, Math.min(SLICE, body.length - at))).bytesWritten;
      }
      await handle.sync();
      checkSignal(signal);
    } finally {
      await handle.close();
    }
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  }
  return path;
}

/** Gives the file `temporary` its name, replacing what is there. */
export async function publish(root: string, temporary: string, path: string): Promise<void> {
  try {
    await withFolder(root, path, () => rename(temporary, path));
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await flushFolder(dirname(path));
}

/** Gives the file `temporary` its name if that is free; otherwise removes it. Exactly one of many racers wins. */
export async function publishIfAbsent(root: string, temporary: string, path: string): Promise<'stored' | 'exists'> {
  let outcome: 'stored' | 'exists' = 'stored';
  try {
    await withFolder(root, path, () => link(temporary, path));
  } catch (error) {
    if (!isThere(error)) throw error;
    outcome = 'exists';
  } finally {
    await rm(temporary, { force: true });
  }
  // Also for "exists": the winner may not have flushed the name yet, and the caller will rely on it.
  await flushFolder(dirname(path));
  return outcome;
}

/** Runs `action`, and once more with the folder of `path` made if it was missing. */
async function withFolder(root: string, path: string, action: () => Promise<void>): Promise<void> {
  try {
    await action();
  } catch (error) {
    if (!isMissing(error)) throw error;
    await makeFolder(root, dirname(path));
    await action();
  }
}

/** Removes what runs that died have left half written. `now` is in milliseconds since 1970. */
export async function sweepTemporary(root: string, now: number): Promise<void> {
  const folder = join(root, TEMPORARY);
  for await (const entry of await opendir(folder)) {
    const path = join(folder, entry.name);
    try {
      const facts = await lstat(path);
      if (facts.isFile() && now - facts.mtimeMs > STALE_AFTER) await unlink(path);
    } catch (error) {
      if (!isMissing(error)) throw error;
    }
  }
}
