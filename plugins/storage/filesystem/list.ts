/** Walks the objects below a root, a folder at a time, in bounded memory. */
import { type Dirent, lstatSync, opendirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { isStorageKey, isStoragePrefix } from '../../../src/contracts/index.ts';
import type { StoredObject } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { isMissing, storageError } from './errors.ts';
import { refuseLinks } from './paths.ts';

/**
 * Entries read, and their sizes asked for, at once. Asking synchronously takes a quarter of the time that it takes through Node's
 * thread pool; between two batches everything else has its turn.
 */
const BATCH = 128;

/** Every object whose key starts with `prefix`. What comes or goes during the walk may or may not show. */
export async function* listObjects(root: string, prefix: string): AsyncGenerator<StoredObject> {
  if (!isStoragePrefix(prefix)) throw new StrongroomError('STORAGE_KEY_INVALID', { key: JSON.stringify(prefix) });
  const cut = prefix.lastIndexOf('/') + 1;
  const folders = [prefix.slice(0, cut)];
  let start = prefix.slice(cut);
  try {
    await refuseLinks(root, join(root, prefix.slice(0, cut), 'any'), 'list', prefix);
    for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
      const path = join(root, folder);
      // Also where there is nothing to see: whoever lists until something comes must not keep it from coming.
      await setImmediate();
      for (const batch of entriesOf(path)) {
        for (const entry of batch) {
          const key = folder + entry.name;
          if (!entry.name.startsWith(start) || !isStorageKey(key)) continue;
          if (entry.isDirectory()) folders.push(`${key}/`);
          const size = entry.isFile() ? sizeOf(join(path, entry.name)) : undefined;
          if (size !== undefined) yield { key, size };
        }
        await setImmediate();
      }
      start = '';
    }
  } catch (error) {
    throw storageError(error, 'list', prefix === '' ? 'everything' : prefix);
  }
}

function* entriesOf(path: string): Generator<Dirent[]> {
  using folder = unlessMissing(() => opendirSync(path, { bufferSize: BATCH }));
  if (folder === undefined) return;
  let batch: Dirent[] = [];
  for (let entry = folder.readSync(); entry !== null; entry = folder.readSync()) {
    batch.push(entry);
    if (batch.length < BATCH) continue;
    yield batch;
    batch = [];
  }
  yield batch;
}

/** Size of a plain file; `undefined` for anything else and for nothing. */
function sizeOf(path: string): number | undefined {
  const facts = unlessMissing(() => lstatSync(path, { throwIfNoEntry: false }));
  return facts?.isFile() === true ? facts.size : undefined;
}

function unlessMissing<T>(action: () => T): T | undefined {
  try {
    return action();
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}
