import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  linkSync,
  mkdirSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
  openSync,
  closeSync,
} from 'node:fs';
import { describe, expect, test } from 'vitest';
import directory from '../../../plugins/source/directory/index.ts';
import { openNativeFiles } from '../../../plugins/source/directory/native.ts';
import type { Source } from '../../../src/contracts/index.ts';
import { bringBack, describeTree, keepAll, openHost, testContext } from '../../support/source-harness.ts';
import type { KeptEntry } from '../../support/source-harness.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

const sourceOf = (path: string, more: object = {}): Promise<Source> =>
  directory.create(directory.configuration.parse({ path, ...more }), openHost);
const raw = (root: string, ...name: number[]): Buffer => Buffer.concat([Buffer.from(`${root}/`), Buffer.from(name)]);

/** A tree with something of everything that a restore must bring back. */
function plant(root: string): void {
  const native = openNativeFiles();
  mkdirSync(`${root}/uploads/2024`, { recursive: true });
  mkdirSync(`${root}/empty`, { mode: 0o750 });
  writeFileSync(`${root}/uploads/a.txt`, 'alpha');
  writeFileSync(`${root}/uploads/2024/big.bin`, Buffer.alloc(3_000_000, 'strongroom'));
  writeFileSync(`${root}/run.sh`, '#!/bin/sh\n', { mode: 0o4755 });
  chmodSync(`${root}/run.sh`, 0o4755);
  writeFileSync(`${root}/nothing`, '');
  writeFileSync(raw(root, 0xff, 0xfe, 0x41), 'not UTF-8');
  writeFileSync(raw(root, 0x61, 0x0a, 0x62), 'newline');
  linkSync(`${root}/uploads/a.txt`, `${root}/uploads/z-same.txt`);
  symlinkSync('uploads/a.txt', `${root}/link`);
  symlinkSync('loop', `${root}/loop`);
  symlinkSync('/etc', `${root}/out`);
  truncateSync(openFile(`${root}/holes`), 8_000_000);
  native?.setAttribute(Buffer.from(`${root}/uploads/a.txt`), 'user.note', Buffer.from([0, 255, 1]));
  native?.setAttribute(Buffer.from(`${root}/empty`), 'user.kind', Buffer.from('empty'));
  native?.setModified(Buffer.from(`${root}/uploads/a.txt`), 1_234_567_890_123_456_789n);
  native?.setModified(Buffer.from(`${root}/link`), 1_000_000_001n);
  native?.setModified(Buffer.from(`${root}/uploads`), 1_111_111_111_111_111_111n);
  chmodSync(`${root}/uploads/2024`, 0o555);
}

function openFile(path: string): string {
  const file = openSync(path, 'w');
  writeSync(file, 'data', 4_000_000);
  closeSync(file);
  return path;
}

describe('a directory', () => {
  test('comes back byte for byte with all its attributes', async () => {
    await using place = await makeTempDir('directory');
    const root = place.join('app');
    mkdirSync(root);
    plant(root);
    const before = await describeTree(root);
    await using context = await testContext();
    await using source = await sourceOf(root);
    const kept = await keepAll(source, context);
    expect(context.warnings).toEqual([]);
    chmodSync(`${root}/uploads/2024`, 0o755);
    rmSync(root, { recursive: true });

    await source.restore(bringBack(kept), { target: { kind: 'inPlace' }, policy: 'FAIL' }, context);

    expect(await describeTree(root)).toEqual(before);
    expect(context.finished).toHaveLength(kept.length);
    expect(execFileSync('ls', ['-A', place.path]).toString()).toBe('app\n');
    chmodSync(`${root}/uploads/2024`, 0o755);
  });

  test('comes back with its owners, if root restores it; else with one warning, and nobody gains rights', async () => {
    await using place = await makeTempDir('directory');
    const paths = ['a', 'b', 'c'].map((name) => place.join('out', name));
    const kept = ['', 'a', 'b', 'c'].map((name): KeptEntry => ({
      kind: name === '' ? 'directory' : 'file',
      path: Buffer.from(name),
      metadata: { mode: name === '' ? 0o755 : 0o4711, uid: 4_242, gid: 4_243 },
      size: 0,
      content: Buffer.alloc(0),
    }));
    await using context = await testContext();
    await using source = await sourceOf(place.join('out'));

    await source.restore(bringBack(kept), { target: { kind: 'inPlace' }, policy: 'FAIL' }, context);

    const owners = paths
      .map((path) => statSync(path))
      .map(({ uid, gid, mode }) => [uid, gid, (mode & 0o7777).toString(8)]);
    if (process.getuid?.() === 0) {
      expect(owners).toEqual(paths.map(() => [4_242, 4_243, '4711']));
      expect(context.warnings).toEqual([]);
    } else {
      expect(owners).toEqual(paths.map(() => [process.getuid?.(), process.getgid?.(), '711']));
      expect(context.warnings).toMatchObject([{ code: 'RESTORE_ATTRIBUTE' }]);
    }
  });
});
