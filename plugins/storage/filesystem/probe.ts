/** Tries out whether a repository can be kept in a folder. */
import { statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { StorageUsage } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { checkSignal, isMissing } from './errors.ts';
import type { Folders } from './folders.ts';
import { removeFile, TEMPORARY } from './paths.ts';
import { readObject } from './read.ts';
import { publishIfAbsent, sweepTemporary, writeTemporary } from './write.ts';

/**
 * Goes the way of a conditional put with a file that no listing shows, reads it back and removes it; then clears what
 * dead runs have left. It so finds out file systems without hard links too, on which no put could be conditional.
 */
export async function probe(root: string, folders: Folders, signal?: AbortSignal): Promise<void> {
  checkSignal(signal);
  await folders.make(join(root, TEMPORARY));
  const body = Buffer.from('strongroom');
  const written = await writeTemporary(root, folders, body, signal === undefined ? {} : { signal });
  const named = `${written}-named`;
  try {
    await publishIfAbsent(folders, written, named);
    const read = await readObject(named, undefined, signal);
    if (!body.equals(read)) {
      throw new StrongroomError('STORAGE_UNAVAILABLE', { reason: `${root} gives back other bytes than it was given` });
    }
  } finally {
    await removeFile(named);
  }
  await sweepTemporary(root, Date.now());
}

/** Space on the file system that holds, or will hold, the folder `root`. */
export async function usageOf(root: string): Promise<StorageUsage> {
  for (let at = root; ; at = dirname(at)) {
    try {
      const { blocks, bavail, bsize } = await statfs(at);
      return { totalBytes: blocks * bsize, freeBytes: bavail * bsize };
    } catch (error) {
      if (!isMissing(error) || at === dirname(at)) throw error;
    }
  }
}
