/** Makes folders whose names survive a power cut. */
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing, isRefused, isThere } from './errors.ts';

/** Folders remembered as durable; past that many they are all flushed once more, which costs little. */
const REMEMBERED = 4096;

/** The folders of one root, as one instance of the target knows them. */
export interface Folders {
  /** Makes `folder` and what is missing above it, for the owner alone, each name durable down from the root. */
  make(folder: string): Promise<void>;
  /** Runs `action`, which works in `folder`; makes that folder and runs `action` once more if it was missing. */
  within<T>(folder: string, action: () => Promise<T>): Promise<T>;
  /** As `within`, for an action that gives a file its name in `folder`; then makes that name durable. */
  naming<T>(folder: string, action: () => Promise<T>): Promise<T>;
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

/** What one instance knows of the folders of `root`: which of them it has proved to be there and durable. */
export function foldersOf(root: string): Folders {
  const durable = new Set<string>();
  const make = async (folder: string): Promise<void> => {
    if (durable.has(folder)) return;
    if (folder === root) {
      await makeAbove(root);
    } else {
      await make(dirname(folder));
      await makeOne(folder);
      // Also where it was there already: another writer may have just made it and not flushed it yet.
      await flushFolder(dirname(folder));
    }
    if (durable.size >= REMEMBERED) durable.clear();
    durable.add(folder);
  };
  const within = async <T>(folder: string, action: () => Promise<T>): Promise<T> => {
    try {
      return await action();
    } catch (error) {
      if (!isMissing(error)) throw error;
      durable.clear();
      await make(folder);
      return action();
    }
  };
  return {
    make,
    within,
    async naming(folder, action) {
      await make(folder);
      const result = await within(folder, action);
      await flushFolder(folder);
      return result;
    },
  };
}

// One by one: mkdir's own recursion reports a read-only file system as a missing folder.
async function makeOne(folder: string): Promise<'made' | 'there'> {
  try {
    await mkdir(folder, { mode: 0o700 });
    return 'made';
  } catch (error) {
    if (isThere(error)) return 'there';
    throw error;
  }
}

/** Makes the root and what is missing above it. A folder that may be written but not read can't be flushed. */
async function makeAbove(folder: string): Promise<void> {
  const parent = dirname(folder);
  try {
    if ((await makeOne(folder)) === 'there') return;
  } catch (error) {
    if (!isMissing(error) || parent === folder) throw error;
    await makeAbove(parent);
    await makeOne(folder);
  }
  try {
    await flushFolder(parent);
  } catch (error) {
    if (!isRefused(error)) throw error;
  }
}
