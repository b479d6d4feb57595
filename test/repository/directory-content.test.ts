import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { SourceEntry } from '../../src/contracts/index.ts';
import { isDamage } from '../../src/repository/index.ts';
import {
  backUp,
  directoryEntry,
  fileEntry,
  makeRepository,
  readBack,
  rootEntry,
  verified,
  withTinyChunks,
} from '../support/repository-harness.ts';

const link = (path: string): SourceEntry => ({
  kind: 'symlink',
  path: Buffer.from(path),
  metadata: {},
  target: Buffer.from('t'),
});

describe('large contents', () => {
  it('a directory of 200,000 entries comes back whole and in order', async () => {
    const repository = await makeRepository();
    function* entries() {
      yield rootEntry;
      for (let index = 0; index < 200_000; index++) yield link(`entry-${String(index).padStart(6, '0')}`);
    }
    const snapshot = await backUp(repository, { files: entries() });
    const { entries: back, damage } = await readBack(repository, snapshot.sources[0]);
    expect(damage).toEqual([]);
    expect(back.size).toBe(200_001);
    const names = [...back.keys()].slice(1);
    expect(names).toEqual(names.toSorted());
    expect(names.at(-1)).toBe('entry-199999');
  });

  it('a change in it stores little anew', async () => {
    const repository = withTinyChunks(await makeRepository(), {
      name: 'gear32',
      min: 4096,
      average: 8192,
      max: 16_384,
    });
    function* entries(left: number) {
      yield rootEntry;
      for (let index = 0; index < 20_000; index++) {
        if (index !== left) yield link(`entry-${String(index).padStart(6, '0')}`);
      }
    }
    const first = await backUp(repository, { files: entries(-1) });
    const second = await backUp(repository, { files: entries(10_000) });
    expect(first.statistics.addedBytes).toBeGreaterThan(300_000);
    expect(second.statistics.addedBytes).toBeLessThan(70_000);
  });

  it('lists of more than 4,096 chunks are folded, in files and in directories', async () => {
    const repository = withTinyChunks(await makeRepository());
    const bytes = randomBytes(1_000_000);
    function* entries() {
      yield rootEntry;
      yield directoryEntry('directory');
      for (let index = 0; index < 30_000; index++) yield link(`directory/${String(index).padStart(6, '0')}`);
      yield fileEntry('empty', '');
      yield fileEntry('file', bytes);
    }
    const snapshot = await backUp(repository, { files: entries() });
    const { entries: back, damage } = await readBack(repository, snapshot.sources[0]);
    expect(damage).toEqual([]);
    expect(back.size).toBe(30_004);
    expect(back.get('file')).toEqual(bytes);
    expect(back.get('empty')).toHaveLength(0);
    expect((await verified(repository, snapshot)).damage).toEqual([]);
    const again = await backUp(repository, { files: entries() });
    expect(again.statistics.addedBytes).toBe(0);
  });
});

describe('order and names', () => {
  const refused = async (...entries: SourceEntry[]): Promise<unknown> => {
    const repository = await makeRepository();
    return backUp(repository, { files: entries }).then(
      () => 'taken',
      (error: unknown) => (error instanceof Error && 'code' in error ? error.code : error),
    );
  };

  it.each([
    ['two of a name', [fileEntry('a', '1'), fileEntry('a', '2')]],
    ['siblings out of order', [fileEntry('b', '1'), fileEntry('a', '2')]],
    ['an entry before its directory', [fileEntry('a/b', '1')]],
    ['an entry of a directory that is over', [directoryEntry('a'), directoryEntry('b'), fileEntry('a/x', '1')]],
    ['a parent', [fileEntry('..', '1')]],
    ['a path through a parent', [directoryEntry('a'), fileEntry('a/..', '1')]],
    ['an absolute path', [fileEntry('/etc', '1')]],
    ['an absolute directory', [directoryEntry('/etc')]],
    ['an empty segment', [directoryEntry('a'), fileEntry('a//b', '1')]],
    ['a trailing slash', [directoryEntry('a/')]],
    ['a NUL', [fileEntry('a\0b', '1')]],
    ['a second root', [rootEntry]],
    ['a name too long', [fileEntry('n'.repeat(5000), '1')]],
  ])('%s is refused', async (_, entries) => {
    expect(await refused(rootEntry, ...entries)).toBe('SOURCE_ENTRY_INVALID');
  });

  it('a source without a root is refused', async () => {
    expect(await refused()).toBe('SOURCE_ENTRY_INVALID');
    expect(await refused(fileEntry('a', '1'))).toBe('SOURCE_ENTRY_INVALID');
  });

  it('a failed source is no damage', async () => {
    const repository = await makeRepository();
    const failure: unknown = await backUp(repository, { files: [] }).catch((error: unknown) => error);
    expect(isDamage(failure)).toBe(false);
  });
});
