/** Restores from damaged repositories: whole files or none, and a warning for each that is missing. */
import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { openRepository, type OpenedRepository } from '../../src/repository/index.ts';
import { memoryStorage, type MemoryStorage } from '../support/memory-storage.ts';
import {
  backUp,
  codecs,
  fileEntry,
  location,
  makeRepository,
  restoreTo,
  rootEntry,
  testKey,
} from '../support/repository-harness.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const MIB = 2 ** 20;
const large = randomBytes(20 * MIB);
const sound = randomBytes(300_000);

async function backedUp() {
  const storage = memoryStorage();
  const made = await makeRepository(storage);
  const repository: OpenedRepository = { ...made, description: { ...made.description, packSize: 4 * MIB } };
  const { sources } = await backUp(repository, {
    files: [
      rootEntry,
      fileEntry('a-sound', sound),
      fileEntry('b-large', large),
      fileEntry('c-sound', sound.subarray(1)),
    ],
  });
  const [source] = sources;
  if (source === undefined) throw new Error('There is no source.');
  return { storage, source };
}

/** Restores and tells which files are there; those that are must be whole. */
async function restored(storage: MemoryStorage, source: Parameters<typeof restoreTo>[1]) {
  await using directory = await makeTempDir('damaged-restore');
  const target = directory.join('target');
  await mkdir(target);
  const warnings = await restoreTo(await openRepository(storage, codecs, testKey, location), source, target);
  const names = (await readdir(target)).toSorted();
  const contents: Record<string, Buffer> = { 'a-sound': sound, 'b-large': large, 'c-sound': sound.subarray(1) };
  for (const name of names)
    expect((await readFile(`${target}/${name}`)).equals(contents[name] ?? Buffer.alloc(0))).toBe(true);
  return { names, warnings };
}

/** Data packs in the order in which they were written; the last holds the small files. */
const dataPacks = ({ objects }: MemoryStorage): string[] =>
  [...objects].filter(([key, bytes]) => key.startsWith('packs/') && bytes[5] === 1).map(([key]) => key);

describe('a restore', () => {
  it('brings all back from a sound repository', async () => {
    const { storage, source } = await backedUp();
    expect(await restored(storage, source)).toEqual({ names: ['a-sound', 'b-large', 'c-sound'], warnings: [] });
  });

  it.each([
    ['flipped', (bytes: Uint8Array) => void (bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1)],
    ['gone', () => undefined],
  ])('leaves out a large file of which a part in the middle is %s', async (how, change) => {
    const { storage, source } = await backedUp();
    const key = dataPacks(storage)[1] ?? '';
    if (how === 'gone') storage.objects.delete(key);
    else change(storage.objects.get(key) ?? new Uint8Array(0));
    const { names, warnings } = await restored(storage, source);
    expect(names).toEqual(['a-sound', 'c-sound']);
    expect(warnings.map(({ subject }) => subject)).toEqual(['b-large']);
    expect(warnings[0]?.message).toContain(key);
  });

  it('leaves out a large file whose later part no pack is known to hold', async () => {
    const { storage, source } = await backedUp();
    for (const key of storage.objects.keys()) if (key.startsWith('index/')) storage.objects.delete(key);
    storage.objects.delete(dataPacks(storage)[1] ?? '');
    const { names, warnings } = await restored(storage, source);
    expect(names).toEqual(['a-sound', 'c-sound']);
    expect(warnings.map(({ code, subject }) => [code, subject])).toEqual([['REPOSITORY_DAMAGED', 'b-large']]);
  });
});
