/** Keeps a repository in a folder of this machine, or of a file system mounted on it. */
import { statfs, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { defineStorage } from '../../src/contracts/index.ts';
import type { PutOptions, StorageTarget, StorageUsage } from '../../src/contracts/index.ts';
import { StrongroomError } from '../../src/errors.ts';
import { checkSignal, isMissing, storageError } from './filesystem/errors.ts';
import { listObjects, sizeOf } from './filesystem/list.ts';
import { flushFolder, makeFolder, objectPath, refuseLinks, TEMPORARY } from './filesystem/paths.ts';
import { readObject } from './filesystem/read.ts';
import { publish, publishIfAbsent, sweepTemporary, writeTemporary } from './filesystem/write.ts';

export default defineStorage({
  name: 'filesystem',
  version: '1.0.0',
  contractVersion: 1,
  description: 'A folder on this machine, or on a network file system that is mounted on it.',
  configuration: z.strictObject({
    path: z
      .string()
      .regex(/^\//, 'must be an absolute path')
      .describe('Absolute path of the folder; it is made when the first object is stored.'),
  }),
  create: async (configuration, host) => fileTarget(await host.allowedPath(configuration.path)),
});

function fileTarget(root: string): StorageTarget {
  /** The path of an object, after a look at the folders that lead to it. */
  const located = async (operation: string, key: string): Promise<string> => {
    const path = objectPath(root, key);
    await refuseLinks(root, path, operation, key);
    return path;
  };
  const put = async (key: string, body: Uint8Array, options: PutOptions): Promise<'stored' | 'exists'> => {
    checkSignal(options.signal);
    const path = await located('write', key);
    if (options.ifAbsent === true && (await sizeOf(path)) !== undefined) {
      await flushFolder(dirname(path));
      return 'exists';
    }
    await makeTemporaryFolder(root);
    const temporary = await writeTemporary(root, body, options.signal);
    if (options.ifAbsent === true) return publishIfAbsent(root, temporary, path);
    await publish(root, temporary, path);
    return 'stored';
  };
  const remove = async (keys: readonly string[]): Promise<void> => {
    const paths = await Promise.all(keys.map(async (key) => [key, await located('remove', key)] as const));
    for (const [key, path] of paths) await inWords('remove', key, () => unlinkIfThere(path));
    for (const folder of new Set(paths.map(([, path]) => dirname(path)))) {
      await flushFolder(folder).catch((error: unknown) => {
        if (!isMissing(error)) throw storageError(error, 'flush', folder);
      });
    }
  };
  return {
    capabilities: { conditionalPut: true, objectLock: false, usage: true, parallelPuts: 2 },
    put: (key, body, options = {}) => inWords('write', key, () => put(key, body, options)),
    get: (key, range, signal) =>
      inWords('read', key, async () => {
        checkSignal(signal);
        return readObject(await located('read', key), range, signal);
      }),
    stat: (key) =>
      inWords('read', key, async () => {
        const size = await sizeOf(await located('read', key));
        return size === undefined ? undefined : { size };
      }),
    list: (prefix) => listInWords(root, prefix),
    remove,
    check: (signal) => inWords('write', 'a probe', () => probe(root, signal)),
    usage: () => inWords('measure', root, () => usageOf(root)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

/** Runs `action`; what the operating system says against it becomes an error of the storage contract. */
async function inWords<T>(operation: string, key: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storageError(error, operation, key);
  }
}

async function* listInWords(root: string, prefix: string): ReturnType<typeof listObjects> {
  try {
    yield* listObjects(root, prefix);
  } catch (error) {
    throw storageError(error, 'list', prefix);
  }
}

async function unlinkIfThere(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}

async function makeTemporaryFolder(root: string): Promise<void> {
  const folder = join(root, TEMPORARY);
  await refuseLinks(root, join(folder, 'any'), 'write', TEMPORARY);
  if ((await folderThere(folder)) === false) await makeFolder(root, folder);
}

async function folderThere(path: string): Promise<boolean> {
  try {
    await statfs(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

/** Goes the way of a conditional put with a file that no listing shows, and clears what dead runs have left. */
async function probe(root: string, signal?: AbortSignal): Promise<void> {
  checkSignal(signal);
  await makeTemporaryFolder(root);
  await sweepTemporary(root, Date.now());
  const body = Buffer.from('strongroom');
  const path = `${await writeTemporary(root, body, signal)}`;
  const named = `${path}-named`;
  await publishIfAbsent(root, path, named);
  const read = await readObject(named, undefined, signal);
  await unlink(named);
  if (!body.equals(read)) throw new StrongroomError('STORAGE_UNAVAILABLE', { reason: 'it gives back other bytes than it was given' });
}

/** Space on the file system that holds, or will hold, the root. */
async function usageOf(root: string): Promise<StorageUsage> {
  for (let at = root; ; at = dirname(at)) {
    try {
      const facts = await statfs(at);
      return { totalBytes: facts.blocks * facts.bsize, freeBytes: facts.bavail * facts.bsize };
    } catch (error) {
      if (!isMissing(error) || at === dirname(at)) throw error;
    }
  }
}
