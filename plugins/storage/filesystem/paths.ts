/** Where objects lie: a key is a path below the root. Nothing here follows a link below the root. */
import { lstat, unlink } from 'node:fs/promises';
import { dirname, join, sep } from 'node:path';
import { isStorageKey } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { isMissing, linkRefused } from './errors.ts';

/** Folder of half-written files; its name can't begin any key, so that no listing shows it. */
export const TEMPORARY = '~temporary';

/** Absolute path of the object `key`; throws `STORAGE_KEY_INVALID`. */
export function objectPath(root: string, key: string): string {
  if (!isStorageKey(key)) throw new StrongroomError('STORAGE_KEY_INVALID', { key: JSON.stringify(key) });
  return join(root, ...key.split('/'));
}

/**
 * Throws `STORAGE_DENIED` if a folder between `root` and `path` is a symbolic link. Somebody who can write into the
 * repository can still put one there between this look and the use: the folder must belong to the service alone.
 */
export async function refuseLinks(root: string, path: string, operation: string, key: string): Promise<void> {
  let folder = root;
  for (const name of dirname(path).slice(root.length).split(sep)) {
    if (name === '') continue;
    folder = join(folder, name);
    try {
      if ((await lstat(folder)).isSymbolicLink()) throw linkRefused(operation, key);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
  }
}

/** Size of a plain file; `undefined` for anything else and for nothing. */
export async function sizeOf(path: string): Promise<number | undefined> {
  try {
    const facts = await lstat(path);
    return facts.isFile() ? facts.size : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

/** Removes a file; one that is not there is fine. */
export async function removeFile(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
