/** Keeps a repository in a folder of this machine, or of a file system mounted on it. */
import { dirname } from 'node:path';
import { z } from 'zod';
import { defineStorage } from '../../src/contracts/index.ts';
import type { PutOptions, StorageTarget } from '../../src/contracts/index.ts';
import { checkSignal, inWords, isMissing } from './filesystem/errors.ts';
import { flushFolder, foldersOf } from './filesystem/folders.ts';
import type { Folders } from './filesystem/folders.ts';
import { listObjects } from './filesystem/list.ts';
import { objectPath, refuseLinks, removeFile, sizeOf } from './filesystem/paths.ts';
import { probe, usageOf } from './filesystem/probe.ts';
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
  create: async ({ path }, host) => fileTarget(await host.allowedPath(path)),
});

/**
 * Any number of instances, in any number of threads and processes, may work on one root. A put that fails while its
 * folder is flushed, after the object got its name, leaves the object there: whole, but not proved to survive a power cut.
 */
function fileTarget(root: string): StorageTarget {
  const folders = foldersOf(root);
  let swept: Promise<void> | undefined;
  /** Path of an object, after a look at the folders that lead to it. */
  const located = async (operation: string, key: string): Promise<string> => {
    const path = objectPath(root, key);
    await refuseLinks(root, path, operation, key);
    return path;
  };
  return {
    // Some at once: one is written while others are flushed, and the disk is never without work.
    capabilities: { conditionalPut: true, objectLock: false, usage: true, parallelPuts: 3, local: true },
    put: (key, body, options = {}) =>
      inWords('write', key, async () => {
        checkSignal(options.signal);
        const path = await located('write', key);
        // Once, before this instance adds anything: runs that died again and again must not fill the disk.
        await (swept ??= sweepTemporary(root, Date.now()));
        return putObject(root, folders, path, body, options);
      }),
    get: (key, range, signal, into) =>
      inWords('read', key, async () => {
        checkSignal(signal);
        return readObject(await located('read', key), range, signal, into);
      }),
    stat: (key) =>
      inWords('read', key, async () => {
        const size = await sizeOf(await located('read', key));
        return size === undefined ? undefined : { size };
      }),
    list: (prefix) => listObjects(root, prefix),
    remove: async (keys) => {
      const changed = new Set<string>();
      for (const key of keys) {
        await inWords('remove', key, async () => {
          const path = await located('remove', key);
          await removeFile(path);
          changed.add(dirname(path));
        });
      }
      for (const folder of changed) await inWords('flush', folder, () => flushIfThere(folder));
    },
    check: (signal) => inWords('write', root, () => probe(root, folders, signal)),
    usage: () => inWords('measure', root, () => usageOf(root)),
    [Symbol.asyncDispose]: async () => undefined,
  };
}

async function putObject(
  root: string,
  folders: Folders,
  path: string,
  body: Uint8Array,
  options: PutOptions,
): Promise<'stored' | 'exists'> {
  const { ifAbsent } = options;
  if (ifAbsent === true && (await sizeOf(path)) !== undefined) return folders.naming(dirname(path), alreadyThere);
  const temporary = await writeTemporary(root, folders, body, options);
  if (ifAbsent === true) return publishIfAbsent(folders, temporary, path);
  await publish(folders, temporary, path);
  return 'stored';
}

const alreadyThere = async (): Promise<'exists'> => 'exists';

async function flushIfThere(folder: string): Promise<void> {
  try {
    await flushFolder(folder);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
}
