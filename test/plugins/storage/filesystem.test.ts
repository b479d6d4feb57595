import { chmod, mkdir, readdir, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import filesystem from '../../../plugins/storage/filesystem.ts';
import type { StorageTarget } from '../../../src/contracts/index.ts';
import { asStrongroomError } from '../../../src/errors.ts';
import { createPluginHost, loadPlugins } from '../../../src/plugins.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import type { TempDir } from '../../support/temp-dir.ts';

let folder: TempDir;
let root: string;
let target: StorageTarget;
beforeEach(async () => {
  folder = await makeTempDir('filesystem');
  root = folder.join('deep', 'root');
  target = await filesystem.create({ path: root }, createPluginHost({ roots: [folder.path], dataDir: '/nonexistent' }));
});
afterEach(() => folder[Symbol.asyncDispose]());

const body = Buffer.from('an object');
const code = async (attempt: Promise<unknown>): Promise<string> => {
  const [result] = await Promise.allSettled([attempt]);
  return result?.status === 'rejected' ? asStrongroomError(result.reason).code : 'no error';
};
const mode = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('the folder of a filesystem target', () => {
  it('is made when it is needed, for its owner alone', async () => {
    expect(await readdir(folder.path)).toEqual([]);
    await target.put('packs/0a/0a1', body);
    for (const made of ['..', '', 'packs', 'packs/0a', '~temporary']) expect(await mode(join(root, made))).toBe(0o700);
    expect(await mode(join(root, 'packs/0a/0a1'))).toBe(0o600);
    expect(await readdir(join(root, '~temporary'))).toEqual([]);
  });

  it('is not made by looking', async () => {
    expect(await target.stat('a')).toBeUndefined();
    expect(await Array.fromAsync(target.list(''))).toEqual([]);
    expect(await code(target.get('a'))).toBe('STORAGE_OBJECT_MISSING');
    await target.remove(['a']);
    expect((await target.usage?.())?.totalBytes).toBeGreaterThan(0);
    expect(await readdir(folder.path)).toEqual([]);
  });

  it('may vanish between two puts', async () => {
    await target.put('packs/1', body);
    const before = await filesystem.create({ path: root }, { allowedPath: async (path) => path });
    await folder[Symbol.asyncDispose]();
    await mkdir(folder.path, { mode: 0o700 });
    await target.put('packs/2', body);
    expect(await Array.fromAsync(before.list(''))).toEqual([{ key: 'packs/2', size: body.length }]);
  });

  it('must be an absolute path below an allowed root', async () => {
    const registry = await loadPlugins([]);
    expect(() => registry.configure('storage', 'filesystem', { path: 'relative' })).toThrow(
      'configuration.path: must be an absolute path',
    );
    const host = createPluginHost({ roots: [folder.join('deep')], dataDir: '/nonexistent' });
    expect(await code(filesystem.create({ path: folder.join('other') }, host))).toBe('PATH_NOT_ALLOWED');
  });
});

describe('what others left in the folder', () => {
  it.each([
    ['a check', (by: StorageTarget) => by.check()],
    ['the first put', (by: StorageTarget) => by.put('first', body).then(async () => by.remove(['first']))],
  ])('half-written files older than a day are cleared by %s, younger ones stay, none is listed', async (_, clear) => {
    await target.check();
    const [old, young] = [join(root, '~temporary', '1-old'), join(root, '~temporary', '2-young')];
    await writeFile(old, body);
    await writeFile(young, body);
    const twoDaysAgo = Date.now() / 1000 - 2 * 24 * 60 * 60;
    await utimes(old, twoDaysAgo, twoDaysAgo);
    expect(await Array.fromAsync(target.list(''))).toEqual([]);
    await clear(target);
    expect(await readdir(join(root, '~temporary'))).toEqual(['2-young']);
  });

  it('names that are no keys are not listed', async () => {
    await target.put('a', body);
    for (const name of ['UPPER', 'with space', '~']) await writeFile(join(root, name), body);
    await mkdir(join(root, 'Folder'));
    await writeFile(join(root, 'Folder', 'b'), body);
    expect(await Array.fromAsync(target.list(''))).toEqual([{ key: 'a', size: body.length }]);
  });
});

describe('links in the folder', () => {
  let outside: string;
  beforeEach(async () => {
    await target.put('packs/1', body);
    outside = folder.join('outside');
    await mkdir(outside);
    await writeFile(join(outside, 'secret'), 'not for the repository');
  });

  it('that stand for a folder are refused by every operation', async () => {
    await symlink(outside, join(root, 'index'));
    const attempts = [
      target.put('index/new', body),
      target.put('index/deep/new', body, { ifAbsent: true }),
      target.get('index/secret'),
      target.stat('index/secret'),
      target.remove(['index/secret']),
      Array.fromAsync(target.list('index/')),
    ];
    // Listened to all at once: one that fails while another is looked at would count as unhandled.
    const codes = await Promise.all(attempts.map(code));
    expect(codes).toEqual(attempts.map(() => 'STORAGE_DENIED'));
    expect(await Array.fromAsync(target.list(''))).toEqual([{ key: 'packs/1', size: body.length }]);
    expect(await readdir(outside)).toEqual(['secret']);
  });

  it('that stand for an object are no objects, and are not written through', async () => {
    await symlink(join(outside, 'secret'), join(root, 'packs', '2'));
    expect(await code(target.get('packs/2'))).toBe('STORAGE_DENIED');
    expect(await target.stat('packs/2')).toBeUndefined();
    expect(await Array.fromAsync(target.list('packs/2'))).toEqual([]);
    await target.put('packs/2', body);
    expect((await stat(join(outside, 'secret'))).size).toBe(22);
    expect(Buffer.from(await target.get('packs/2'))).toEqual(body);
  });

  it('that stand for the folder of half-written files are refused', async () => {
    const other = folder.join('other');
    await mkdir(other);
    await symlink(outside, join(other, '~temporary'));
    const planted = await filesystem.create({ path: other }, { allowedPath: async (path) => path });
    expect(await code(planted.put('a', body))).toBe('STORAGE_DENIED');
    expect(await code(planted.check())).toBe('STORAGE_DENIED');
    expect(await readdir(outside)).toEqual(['secret']);
  });
});

it('a file where a folder is needed is named, and nothing is lost', async () => {
  await target.put('packs', body);
  await chmod(join(root, 'packs'), 0o600);
  expect(await code(target.put('packs/1', body))).toBe('STORAGE_UNAVAILABLE');
  expect(Buffer.from(await target.get('packs'))).toEqual(body);
  expect(await readdir(join(root, '~temporary'))).toEqual([]);
});
