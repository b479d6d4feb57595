/** Where objects lie: a key is a path below the root. Nothing here follows a link below the root. */
import { lstat, mkdir, open } from 'node:fs/promises';
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
  const folders = dirname(path).slice(root.length).split(sep).filter((name) => name !== '');
  let folder = root;
  for (const name of folders) {
    folder = join(folder, name);
    try {
      if ((await lstat(folder)).isSymbolicLink()) throw linkRefused(operation, key);
    } catch (error) {
      if (isMissing(error)) return;
      throw error;
    }
  }
}

/** Makes the names in a folder durable. */
export async function flushFolder(folder: string): Promise<void> {
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/**
 * Makes `folder` and what is missing above it, for the owner alone, and makes every name from `root` down to it
 * durable, including those that another writer has just made and may not have flushed yet.
 */
export async function makeFolder(root: string, folder: string): Promise<void> {
  const first = await mkdir(folder, { recursive: true, mode: 0o700 });
  const top = first !== undefined && first.length < root.length ? first : root;
  for (let at = folder; at.length >= top.length && at !== dirname(at); at = dirname(at)) {
    await flushFolder(dirname(at));
  }
}
