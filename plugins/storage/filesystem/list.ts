/** Walks the objects below a root, a folder at a time, in bounded memory. */
import type { Dirent } from 'node:fs';
import { opendir } from 'node:fs/promises';
import { join } from 'node:path';
import { isStorageKey, isStoragePrefix } from '../../../src/contracts/index.ts';
import type { StoredObject } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { isMissing, storageError } from './errors.ts';
import { objectPath, refuseLinks, sizeOf } from './paths.ts';

/** Sizes asked for at once. */
const BATCH = 64;

/** Every object whose key starts with `prefix`. What comes or goes during the walk may or may not show. */
export async function* listObjects(root: string, prefix: string): AsyncGenerator<StoredObject> {
  if (!isStoragePrefix(prefix)) throw new StrongroomError('STORAGE_KEY_INVALID', { key: JSON.stringify(prefix) });
  const cut = prefix.lastIndexOf('/') + 1;
  const folder = prefix.slice(0, cut);
  try {
    await refuseLinks(root, join(root, folder, 'any'), 'list', prefix);
    yield* walk(root, folder, prefix.slice(cut));
  } catch (error) {
    throw storageError(error, 'list', prefix === '' ? 'everything' : prefix);
  }
}

/** `folder` is empty or ends with a slash; only names that start with `start` count. */
async function* walk(root: string, folder: string, start: string): AsyncGenerator<StoredObject> {
  let batch: string[] = [];
  for await (const entry of entriesOf(join(root, folder))) {
    const key = folder + entry.name;
    if (!entry.name.startsWith(start) || !isStorageKey(key)) continue;
    if (entry.isDirectory()) yield* walk(root, `${key}/`, '');
    if (!entry.isFile()) continue;
    batch.push(key);
    if (batch.length < BATCH) continue;
    yield* measured(root, batch);
    batch = [];
  }
  yield* measured(root, batch);
}

async function* entriesOf(folder: string): AsyncGenerator<Dirent> {
  try {
    yield* await opendir(folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function* measured(root: string, keys: readonly string[]): AsyncGenerator<StoredObject> {
  const sizes = await Promise.all(keys.map((key) => sizeOf(objectPath(root, key))));
  for (const [index, key] of keys.entries()) {
    const size = sizes[index];
    if (size !== undefined) yield { key, size };
  }
}
