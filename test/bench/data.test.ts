import { readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { dumpWithBlobs, noise, writeFileOf } from '../../bench/data/bytes.ts';
import { insertRecords } from '../../bench/data/large-file.ts';
import { changeSmallFiles, makeSmallFiles } from '../../bench/data/small-files.ts';
import { inTurn } from '../../bench/tools/installed.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const making = { scale: 1, signal: new AbortController().signal };

async function contents(root: string): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>();
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath, entry.name);
    if (entry.isFile()) found.set(path.slice(root.length), (await readFile(path)).toString('base64'));
  }
  return found;
}

it('makes the same small files from the same seed, all of them different', async () => {
  await using directory = await makeTempDir('data');
  for (const [name, seed] of [
    ['one', 'seed'],
    ['two', 'seed'],
    ['three', 'other'],
  ] as const)
    await makeSmallFiles(directory.join(name), { seed, folders: 2, lengths: [200, 1000] }, making);
  const one = await contents(directory.join('one'));
  expect(one.size).toBe(400);
  expect(new Set(one.values()).size).toBe(400);
  expect([...one.keys()].filter((path) => path.startsWith('/a/'))).toHaveLength(200);
  expect(await contents(directory.join('two'))).toEqual(one);
  const three = new Set((await contents(directory.join('three'))).values());
  expect([...one.values()].filter((content) => three.has(content))).toEqual([]);
});

it('changes one small file in a hundred', async () => {
  await using directory = await makeTempDir('data');
  await makeSmallFiles(directory.path, { seed: 'seed', folders: 2 }, making);
  const before = await contents(directory.path);
  changeSmallFiles(directory.path, { seed: 'change', folders: 2 }, making);
  const after = await contents(directory.path);
  expect([...after.keys()]).toEqual([...before.keys()]);
  expect([...after].filter(([path, content]) => before.get(path) !== content)).toHaveLength(4);
});

it('inserts records into a large file and leaves what was there in its order', async () => {
  await using directory = await makeTempDir('data');
  const path = directory.join('large');
  const before = Buffer.alloc(50_000, 'abcdefgh');
  await writeFile(path, before);
  await insertRecords(path, 'seed', making);
  const after = await readFile(path);
  expect(after.length).toBe(before.length + 100 * 1000);
  let at = 0;
  for (const byte of after) if (byte === before[at]) at += 1;
  expect(at).toBe(before.length);
  expect(await readdir(directory.path)).toEqual(['large']);
});

it('writes files of the length asked for, the same each time', async () => {
  await using directory = await makeTempDir('data');
  await writeFileOf(directory.join('a'), 3_000_001, dumpWithBlobs('seed'), making.signal);
  await writeFileOf(directory.join('b'), 3_000_001, dumpWithBlobs('seed'), making.signal);
  expect((await stat(directory.join('a'))).size).toBe(3_000_001);
  expect((await readFile(directory.join('a'))).equals(await readFile(directory.join('b')))).toBe(true);
  await expect(writeFileOf(directory.join('c'), 3_000_001, noise('seed'), AbortSignal.abort())).rejects.toThrow(
    'abort',
  );
});

it('lets each tool be first in turn', () => {
  const rounds = [0, 1, 2, 3].map((round) => inTurn(['a', 'b', 'c'], round).join(''));
  expect(rounds).toEqual(['abc', 'bca', 'cab', 'abc']);
});
