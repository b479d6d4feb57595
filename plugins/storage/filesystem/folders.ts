/** Makes folders whose names survive a power cut. */
import { mkdir, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { isMissing, isRefused } from './errors.ts';

/** Folders remembered as durable; past that many they are all flushed once more, which costs little. */
const REMEMBERED = 4096;

/** The folders of one root, as one instance of the target knows them. */
export interface Folders {
  /** Makes `folder` and what is missing above it, for the owner alone, each name durable down from the root. */
  make(folder: string): Promise<void>;
  /**
   * Runs `action`, which gives a file its name in `folder`, in a folder that is there and durable; then makes that
   * name durable. `action` is run once more if the folder vanished under it.
   */
  within<T>(folder: string, action: () => Promise<T>): Promise<T>;
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

export function foldersOf(root: string): Folders {
  const durable = new Set<string>();
  const make = async (folder: string): Promise<void> => {
    if (durable.has(folder)) return;
    const first = await mkdir(folder, { recursive: true, mode: 0o700 });
    // Also what was there already: another writer may have just made it and not flushed it yet.
    for (let at = folder; at.length > root.length; at = dirname(at)) await flushFolder(dirname(at));
    if (first !== undefined && first.length <= root.length) await flushAbove(root, dirname(first));
    if (durable.size >= REMEMBERED) durable.clear();
    durable.add(folder);
  };
  return {
    make,
    async within(folder, action) {
      await make(folder);
      const result = await action().catch(async (error: unknown) => {
        if (!isMissing(error)) throw error;
        durable.delete(folder);
        await make(folder);
        return action();
      });
      await flushFolder(folder);
      return result;
    },
  };
}

/** Flushes the folders from above `root` up to `top`. One that may be written but not read can't be flushed. */
async function flushAbove(root: string, top: string): Promise<void> {
  for (let at = dirname(root); at.length >= top.length; at = dirname(at)) {
    try {
      await flushFolder(at);
    } catch (error) {
      if (!isRefused(error)) throw error;
    }
    if (at === dirname(at)) return;
  }
}
