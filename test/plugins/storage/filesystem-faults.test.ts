import { chmod, mkdir, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import filesystem from '../../../plugins/storage/filesystem.ts';
import type { StorageTarget } from '../../../src/contracts/index.ts';
import { asStrongroomError } from '../../../src/errors.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import type { TempDir } from '../../support/temp-dir.ts';

const writer = resolve('test/fixtures/plugins/filesystem-writer.ts');
const MiB = 1024 * 1024;

let folder: TempDir;
let root: string;
let target: StorageTarget;
beforeEach(async () => {
  folder = await makeTempDir('filesystem-faults');
  root = folder.join('root');
  await mkdir(root);
  target = await filesystem.create({ path: root }, { allowedPath: async (path) => path });
});
afterEach(() => folder[Symbol.asyncDispose]());

const code = async (attempt: Promise<unknown>): Promise<string> => {
  const [result] = await Promise.allSettled([attempt]);
  return result?.status === 'rejected' ? asStrongroomError(result.reason).code : 'no error';
};
const temporaries = (): Promise<string[]> => readdir(join(root, '~temporary'));
const isRoot = process.getuid?.() === 0;

/** A file system of `size` of its own at `root`; needs the rights of root. */
async function mountSmall(size: string): Promise<AsyncDisposable> {
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', root]);
  return { [Symbol.asyncDispose]: async () => void (await execa('umount', [root])) };
}

/** Takes the right to write below `root`: by a mount for root, whom permissions don't hold, by permissions otherwise. */
async function makeReadOnly(): Promise<AsyncDisposable> {
  if (!isRoot) {
    await chmod(root, 0o500);
    return { [Symbol.asyncDispose]: () => chmod(root, 0o700) };
  }
  await execa('mount', ['--bind', root, root]);
  await execa('mount', ['-o', 'remount,bind,ro', root]);
  return { [Symbol.asyncDispose]: async () => void (await execa('umount', [root])) };
}

// An ordinary user can't mount a small disk; the continuous run is root's and never leaves this out.
describe.runIf(isRoot)('a full disk', () => {
  it('is named, leaves nothing half written, and is usable again once there is room', async () => {
    await using disk = await mountSmall('4m');
    expect(disk).toBeDefined();
    await target.put('first', Buffer.alloc(2 * MiB, 1));
    for (const ifAbsent of [false, true]) {
      expect(await code(target.put('second', Buffer.alloc(3 * MiB, 2), { ifAbsent }))).toBe('STORAGE_FULL');
    }
    expect(await code(target.put('first', Buffer.alloc(3 * MiB, 2)))).toBe('STORAGE_FULL');
    expect(await Array.fromAsync(target.list(''))).toEqual([{ key: 'first', size: 2 * MiB }]);
    expect(Buffer.from(await target.get('first'))).toEqual(Buffer.alloc(2 * MiB, 1));
    expect(await temporaries()).toEqual([]);
    expect((await target.usage?.())?.totalBytes).toBe(4 * MiB);
    await target.remove(['first']);
    expect(await target.put('second', Buffer.alloc(3 * MiB, 2))).toBe('stored');
  });
});

describe('a folder that may not be written', () => {
  it('is named, and can still be read', async () => {
    await target.put('there', Buffer.from('body'));
    {
      await using readOnly = await makeReadOnly();
      expect(readOnly).toBeDefined();
      expect(await code(target.put('packs/new', Buffer.from('body')))).toBe('STORAGE_DENIED');
      expect(await code(target.remove(['there']))).toBe('STORAGE_DENIED');
      expect(Buffer.from(await target.get('there')).toString()).toBe('body');
      expect(await Array.fromAsync(target.list(''))).toEqual([{ key: 'there', size: 4 }]);
    }
    expect(await target.put('packs/new', Buffer.from('body'))).toBe('stored');
  });

  it('fails the check', async () => {
    await using readOnly = await makeReadOnly();
    expect(readOnly).toBeDefined();
    expect(await code(target.check())).toBe('STORAGE_DENIED');
  });
});

describe('a writer that dies', () => {
  it('leaves only whole objects, at whatever moment it is killed', async () => {
    for (let round = 0; round < 3; round++) {
      const child = execa(process.execPath, [writer, root, 'forever'], { reject: false });
      let written = 0;
      for await (const line of child) {
        written += line === 'stored' ? 1 : 0;
        if (written === round + 1) child.kill('SIGKILL');
      }
      expect((await child).signal).toBe('SIGKILL');
    }
    for await (const { key, size } of target.list('')) {
      expect(size).toBe(24 * MiB);
      expect(new Set(await target.get(key))).toEqual(new Set([Number(key.slice('packs/'.length))]));
    }
  });
});

describe('a disk that fails', () => {
  it.each([
    ['fsync:error=EIO', 'STORAGE_UNAVAILABLE'],
    ['fsync:error=ENOSPC', 'STORAGE_FULL'],
    ['fsync:error=EDQUOT', 'STORAGE_FULL'],
    ['link,linkat:error=EPERM', 'STORAGE_DENIED'],
    ['pwrite64:error=EIO', 'STORAGE_UNAVAILABLE'],
  ])('by %s yields %s, and no object', async (fault, expected) => {
    await target.put('packs/there', Buffer.from('body'));
    const script = [process.execPath, writer, root, 'once'];
    const { stdout } = await execa('strace', ['-f', '-o', '/dev/null', '-e', `inject=${fault}`, ...script]);
    expect(stdout).toBe(expected);
    expect(await temporaries()).toEqual([]);
    expect(await target.stat('packs/once')).toBeUndefined();
  });
});

describe('writers in several processes', () => {
  it('share one folder: each object is won by exactly one', async () => {
    const racers = Array.from({ length: 4 }, () => execa(process.execPath, [writer, root, 'race']));
    const won = (await Promise.all(racers)).flatMap(({ stdout }): string[] => JSON.parse(stdout) as string[]);
    expect(won.toSorted()).toEqual(Array.from({ length: 40 }, (_, index) => `race/${index % 4}/${index}`).toSorted());
    expect((await stat(join(root, 'race', '0'))).isDirectory()).toBe(true);
    expect(await temporaries()).toEqual([]);
  });
});
