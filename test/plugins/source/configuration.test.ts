import { mkdirSync, readFileSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { describe, expect, test } from 'vitest';
import configuration from '../../../plugins/source/configuration/index.ts';
import type { ConflictPolicy, Source } from '../../../src/contracts/index.ts';
import { createPluginHost } from '../../../src/plugins/host.ts';
import { bringBack, describeTree, keepAll, testContext } from '../../support/source-harness.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import type { TempDir } from '../../support/temp-dir.ts';

const sourceOf = (place: TempDir, paths: string[], more: object = {}): Promise<Source> =>
  configuration.create(
    configuration.configuration.parse({ paths: paths.map((path) => place.join(path)), ...more }),
    createPluginHost({ roots: [place.path], dataDir: place.join('data') }),
  );

function plant(place: TempDir, paths: readonly string[]): void {
  for (const path of paths) {
    mkdirSync(dirname(place.join(path)), { recursive: true });
    writeFileSync(place.join(path), path);
  }
}

const inPlace = (policy: ConflictPolicy) => ({ target: { kind: 'inPlace' }, policy }) as const;

describe('configuration', () => {
  test('takes what is named and nothing beside it, and puts it back exactly where it was', async () => {
    await using place = await makeTempDir('configuration');
    plant(place, ['one/.env', 'one/other', 'two/.env', 'etc/app/a.conf', 'etc/app/sub/b.conf', 'etc/c']);
    const before = await describeTree(place.join('etc/app'));
    await using context = await testContext();
    await using source = await sourceOf(place, ['two/.env', 'one/.env', 'etc/app', 'etc/app/a.conf']);
    await source.check(context);
    const kept = await keepAll(source, context);
    const top = place.path.slice(1);
    expect(kept.filter((entry) => entry.kind === 'file').map((entry) => entry.path.toString())).toEqual([
      `${top}/etc/app/a.conf`,
      `${top}/etc/app/sub/b.conf`,
      `${top}/one/.env`,
      `${top}/two/.env`,
    ]);
    rmSync(place.join('etc/app'), { recursive: true });
    rmSync(place.join('one/.env'));
    writeFileSync(place.join('two/.env'), 'changed');

    await expect(source.restore(bringBack(kept), inPlace('FAIL'), context)).rejects.toMatchObject({
      code: 'RESTORE_CONFLICT',
      details: { count: 1, first: place.join('two/.env') },
    });
    const preview = await Array.fromAsync(source.preview(bringBack(kept), inPlace('OVERWRITE'), context));
    expect(preview.filter(({ action }) => action === 'CHANGE')).toMatchObject([{ subject: place.join('two/.env') }]);
    await source.restore(bringBack(kept), inPlace('OVERWRITE'), context);

    expect(await describeTree(place.join('etc/app'))).toEqual(before);
    for (const path of ['one/.env', 'one/other', 'two/.env', 'etc/c'])
      expect(readFileSync(place.join(path), 'utf8')).toBe(path);
    expect(context.warnings).toEqual([]);
    expect(readdirSync(place.path)).toEqual(['etc', 'one', 'two']);
  });

  test('below a root is restored below another one, and into a directory', async () => {
    await using place = await makeTempDir('configuration');
    plant(place, ['app/.env', 'app/config/x.json', 'app/code.js']);
    await using context = await testContext();
    await using source = await sourceOf(place, ['app/.env', 'app/config'], { root: place.join('app') });
    const kept = await keepAll(source, context);
    expect(kept.map((entry) => entry.path.toString())).toEqual(['', '.env', 'config', 'config/x.json']);
    await using moved = await sourceOf(place, ['new/.env', 'new/config'], { root: place.join('new') });
    await moved.restore(bringBack(kept), inPlace('FAIL'), context);
    await source.restore(
      bringBack(kept),
      { target: { kind: 'directory', path: place.join('out') }, policy: 'FAIL' },
      context,
    );
    for (const path of ['new/.env', 'out/.env']) expect(readFileSync(place.join(path), 'utf8')).toBe('app/.env');
    expect(context.warnings).toEqual([]);
  });

  test('warns of what is named and missing, and fails when all is', async () => {
    await using place = await makeTempDir('configuration');
    plant(place, ['here']);
    await using context = await testContext();
    await using source = await sourceOf(place, ['here', 'gone/.env']);
    const kept = await keepAll(source, context);
    expect(kept.filter((entry) => entry.kind === 'file')).toHaveLength(1);
    expect(context.warnings).toMatchObject([{ code: 'SOURCE_MISSING', subject: place.join('gone/.env') }]);
    await expect(source.check(context)).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
    await using none = await sourceOf(place, ['gone/.env']);
    await expect(keepAll(none, context)).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
  });

  test('keeps a named link and what it leads to, if that is allowed', async () => {
    await using place = await makeTempDir('configuration');
    plant(place, ['releases/5/.env']);
    symlinkSync('releases/5/.env', place.join('.env'));
    symlinkSync('/etc/hostname', place.join('out'));
    await using context = await testContext();
    await using source = await sourceOf(place, ['.env']);
    const kept = await keepAll(source, context);
    rmSync(place.join('.env'));
    rmSync(place.join('releases'), { recursive: true });
    await source.restore(bringBack(kept), inPlace('FAIL'), context);
    expect(readFileSync(place.join('.env'), 'utf8')).toBe('releases/5/.env');
    await using outside = await sourceOf(place, ['out']);
    await expect(keepAll(outside, context)).rejects.toMatchObject({ code: 'PATH_NOT_ALLOWED' });
  });

  test('writes in place nothing outside of the allowed roots', async () => {
    await using place = await makeTempDir('configuration');
    await using other = await makeTempDir('configuration');
    plant(place, ['a']);
    plant(other, ['b', 'c/d']);
    await using context = await testContext();
    await using source = await sourceOf(place, ['a']);
    await using theirs = await sourceOf(other, ['b', 'c']);
    const kept = [...(await keepAll(theirs, context)), ...(await keepAll(source, context))];
    const stray = kept
      .toSorted((a, b) => Buffer.compare(a.path, b.path))
      .filter(({ path }, at, all) => !all[at - 1]?.path.equals(path));
    rmSync(place.join('a'));
    for (const name of ['b', 'c']) rmSync(other.join(name), { recursive: true });
    await source.restore(bringBack(stray), inPlace('FAIL'), context);
    expect(readdirSync(place.path)).toEqual(['a']);
    expect(readdirSync(other.path)).toEqual([]);
    expect(context.warnings.map(({ code }) => code)).toEqual(['RESTORE_SKIPPED', 'RESTORE_SKIPPED', 'RESTORE_SKIPPED']);
  });

  test('tells what is named, and wants absolute paths below its root', async () => {
    await using place = await makeTempDir('configuration');
    plant(place, ['a', 'folder/b']);
    await using context = await testContext();
    await using source = await sourceOf(place, ['a', 'folder']);
    expect(await Array.fromAsync(source.discover(context))).toEqual([
      { kind: 'file', name: place.join('a'), bytes: 1 },
      { kind: 'directory', name: place.join('folder') },
    ]);
    for (const path of ['relative', '/a/../b', '/a/./b', '/']) {
      expect(configuration.configuration.safeParse({ paths: [path] }).success).toBe(false);
    }
    await using wrong = await sourceOf(place, ['a'], { root: place.join('folder') });
    await expect(wrong.check(context)).rejects.toMatchObject({ code: 'INPUT_INVALID', details: { field: 'paths' } });
  });
});
