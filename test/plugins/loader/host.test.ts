import { mkdir, rename, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { PluginHost } from '../../../src/contracts/index.ts';
import { asStrongroomError } from '../../../src/errors.ts';
import { createPluginHost } from '../../../src/plugins.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import type { TempDir } from '../../support/temp-dir.ts';

let folder: TempDir;
let host: PluginHost;
beforeEach(async () => {
  folder = await makeTempDir('host');
  await mkdir(folder.join('root', 'inside'), { recursive: true });
  await mkdir(folder.join('root', 'data', 'repositories'), { recursive: true });
  await mkdir(folder.join('elsewhere', 'repositories'), { recursive: true });
  await mkdir(folder.join('rootling'));
  host = createPluginHost({ roots: [folder.join('root')], dataDir: folder.join('root', 'data') });
});
afterEach(() => folder[Symbol.asyncDispose]());

const refused = async (path: string, by = host): Promise<string> => {
  const [result] = await Promise.allSettled([by.allowedPath(path)]);
  return result?.status === 'rejected' ? asStrongroomError(result.reason).code : `allowed: ${path}`;
};

describe('allowedPath', () => {
  it('allows what lies below a root, there or not yet there', async () => {
    for (const path of ['', 'inside', 'inside/deep/not/yet', 'new', '...', 'inside/..data']) {
      expect(await host.allowedPath(folder.join('root', path))).toBe(folder.join('root', path));
    }
    expect(await host.allowedPath(`${folder.path}/root//inside/./new/`)).toBe(folder.join('root', 'inside', 'new'));
  });

  it('refuses what lies outside, relative paths, and every climb', async () => {
    const outside = ['/', folder.path, folder.join('rootling'), folder.join('elsewhere'), '/etc/passwd'];
    const odd = ['', '.', 'root', './root', '~', `${folder.path}/root/inside\0`, `${folder.path}/root/inside/..`];
    const climbs = [`${folder.path}/root/../elsewhere`, `${folder.path}/elsewhere/../root/inside`];
    for (const path of [...outside, ...odd, ...climbs]) expect(await refused(path)).toBe('PATH_NOT_ALLOWED');
  });

  it('follows links before it judges', async () => {
    await symlink(folder.join('elsewhere'), folder.join('root', 'out'));
    await symlink(folder.join('root', 'inside'), folder.join('elsewhere', 'in'));
    expect(await refused(folder.join('root', 'out'))).toBe('PATH_NOT_ALLOWED');
    expect(await refused(folder.join('root', 'out', 'not', 'yet'))).toBe('PATH_NOT_ALLOWED');
    expect(await host.allowedPath(folder.join('elsewhere', 'in', 'new'))).toBe(folder.join('root', 'inside', 'new'));
  });

  it('refuses links to nothing, and loops of them', async () => {
    await symlink(folder.join('elsewhere', 'nothing'), folder.join('root', 'dangling'));
    await symlink(folder.join('root', 'loop'), folder.join('root', 'loop'));
    for (const name of ['dangling', 'dangling/below', 'loop', 'loop/below']) {
      expect(await refused(folder.join('root', name))).toBe('PATH_NOT_ALLOWED');
    }
  });

  it('follows a root that is a link itself, and ignores one that is not there', async () => {
    await symlink(folder.join('root'), folder.join('alias'));
    const aliased = createPluginHost({
      roots: [folder.join('gone'), folder.join('alias')],
      dataDir: '/nonexistent/data',
    });
    expect(await aliased.allowedPath(folder.join('alias', 'inside'))).toBe(folder.join('root', 'inside'));
    expect(await aliased.allowedPath(folder.join('root', 'inside'))).toBe(folder.join('root', 'inside'));
    expect(await refused(folder.join('elsewhere'), aliased)).toBe('PATH_NOT_ALLOWED');
  });

  it('keeps the data directory closed, except for what lies below its repositories', async () => {
    const data = folder.join('root', 'data');
    await writeFile(join(data, 'instance.key'), 'secret');
    await symlink(data, folder.join('root', 'inside', 'way-in'));
    for (const path of ['', 'instance.key', 'postgres/base', 'repositories', 'repositories-old']) {
      expect(await refused(join(data, path))).toBe('PATH_NOT_ALLOWED');
    }
    expect(await refused(folder.join('root', 'inside', 'way-in', 'instance.key'))).toBe('PATH_NOT_ALLOWED');
    expect(await host.allowedPath(join(data, 'repositories', 'main'))).toBe(join(data, 'repositories', 'main'));
  });

  it('opens the repositories of a data directory outside the roots, also before it is made', async () => {
    const apart = createPluginHost({ roots: [], dataDir: folder.join('elsewhere') });
    expect(await apart.allowedPath(folder.join('elsewhere', 'repositories', 'a'))).toBe(
      folder.join('elsewhere', 'repositories', 'a'),
    );
    const early = createPluginHost({ roots: [], dataDir: folder.join('later') });
    expect(await early.allowedPath(folder.join('later', 'repositories', 'a'))).toBe(
      folder.join('later', 'repositories', 'a'),
    );
    expect(await refused(folder.join('root', 'inside'), apart)).toBe('PATH_NOT_ALLOWED');
  });

  it('looks anew each time', async () => {
    const path = folder.join('root', 'inside', 'file');
    expect(await host.allowedPath(path)).toBe(path);
    await rename(folder.join('root', 'inside'), folder.join('root', 'moved'));
    await symlink(folder.join('elsewhere'), folder.join('root', 'inside'));
    expect(await refused(path)).toBe('PATH_NOT_ALLOWED');
  });
});
