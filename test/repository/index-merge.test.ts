import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { StorageTarget } from '../../src/contracts/index.ts';
import { StrongroomError } from '../../src/errors.ts';
import { ChunkLocator, mergeIndex, openRepository, type OpenedRepository } from '../../src/repository/index.ts';
import { readIndex } from '../../src/repository/index-loader.ts';
import { memoryStorage, type MemoryStorage } from '../support/memory-storage.ts';
import {
  backUp,
  codecs,
  fileEntry,
  location,
  makeRepository,
  readBack,
  rootEntry,
  testKey,
} from '../support/repository-harness.ts';

const BACKUPS = 35;
const contents = Array.from({ length: BACKUPS }, () => randomBytes(5000));

let many: MemoryStorage;
let few: MemoryStorage;
let packs: ReadonlySet<string>;

const entriesOf = (count: number) => [
  rootEntry,
  ...contents.slice(0, count).map((content, index) => fileEntry(String(index).padStart(2, '0'), content)),
];
const open = (storage: StorageTarget): Promise<OpenedRepository> => openRepository(storage, codecs, testKey, location);
const indexKeys = ({ objects }: MemoryStorage): string[] =>
  [...objects.keys()].filter((key) => key.startsWith('index/')).toSorted();

async function packsNamed(repository: OpenedRepository): Promise<{ packs: Set<string>; damage: number }> {
  const named = new Set<string>();
  const damage = await readIndex(repository, { pack: ({ id }) => named.add(Buffer.from(id).toString('hex')) });
  return { packs: named, damage: damage.length };
}

/** Every pack is named, and whoever reads or writes finds every chunk without looking at the packs themselves. */
async function isWhole(storage: StorageTarget): Promise<void> {
  const repository = await open(storage);
  expect(await packsNamed(repository)).toEqual({ packs, damage: 0 });
  const snapshot = await backUp(repository, { files: entriesOf(BACKUPS) });
  expect(snapshot.statistics.addedBytes).toBe(0);
  const { entries, damage } = await readBack(repository, snapshot.sources[0]);
  expect(damage).toEqual([]);
  for (const [index, content] of contents.entries()) {
    expect(content.equals(Buffer.from(entries.get(String(index).padStart(2, '0')) ?? ''))).toBe(true);
  }
}

beforeAll(async () => {
  many = memoryStorage();
  const repository = await makeRepository(many);
  for (let count = 1; count <= BACKUPS; count++) {
    await backUp(repository, { files: entriesOf(count) });
    if (count === 30) few = memoryStorage(many.objects);
  }
  ({ packs } = await packsNamed(repository));
}, 120_000);

describe('merging index objects', () => {
  it('makes one of many small ones, and is done then', async () => {
    const storage = memoryStorage(many.objects);
    const repository = await open(storage);
    const before = indexKeys(storage);
    expect(before).toHaveLength(BACKUPS);
    expect(packs.size).toBe(2 * BACKUPS);
    expect(await mergeIndex(repository)).toBeGreaterThan(0);
    const merged = indexKeys(storage);
    expect(merged).toHaveLength(1);
    expect(before).not.toContain(merged[0]);
    expect(await mergeIndex(repository)).toBe(0);
    expect(indexKeys(storage)).toEqual(merged);
    await isWhole(storage);
  });

  it('leaves few as they are', async () => {
    const before = indexKeys(few);
    expect(await mergeIndex(await open(few))).toBe(0);
    expect(indexKeys(few)).toEqual(before);
  });

  it('removes nothing before everything is durable', async () => {
    const storage = memoryStorage(many.objects);
    const target: StorageTarget = {
      ...storage,
      put: async () => {
        throw new StrongroomError('STORAGE_FULL', { key: 'index/' });
      },
    };
    await expect(mergeIndex(await open(target))).rejects.toMatchObject({ code: 'STORAGE_FULL' });
    expect(indexKeys(storage)).toEqual(indexKeys(many));
  });

  it.each([
    ['dies before it removes', new StrongroomError('STORAGE_UNAVAILABLE', { reason: 'test' })],
    ['may not remove', new StrongroomError('STORAGE_DENIED', { operation: 'to remove', reason: 'test' })],
  ])('that %s loses nothing, and does not write the same again', async (_, error) => {
    const storage = memoryStorage(many.objects);
    const remove = async (): Promise<void> => {
      throw error;
    };
    const repository = await open({ ...storage, remove });
    await expect(mergeIndex(repository)).rejects.toMatchObject({ code: error.code });
    const after = indexKeys(storage);
    expect(after).toHaveLength(BACKUPS + 1);
    expect(await mergeIndex(repository)).toBe(0);
    expect(indexKeys(storage)).toEqual(after);
    await isWhole(storage);
  });

  it('twice at once names every pack, and the next tidies up', async () => {
    const storage = memoryStorage(many.objects);
    const repository = await open(storage);
    await Promise.all([mergeIndex(repository), mergeIndex(repository)]);
    expect(indexKeys(storage).length).toBeLessThanOrEqual(2);
    await isWhole(storage);
  });

  it('leaves a damaged object where it is', async () => {
    const storage = memoryStorage(many.objects);
    const [damaged = ''] = indexKeys(storage);
    storage.objects.get(damaged)?.fill(0, 60, 70);
    const repository = await open(storage);
    await mergeIndex(repository);
    expect(indexKeys(storage)).toHaveLength(2);
    expect(indexKeys(storage)).toContain(damaged);
    const { damage } = await ChunkLocator.open(repository);
    expect(damage.map(({ details }) => details['object'])).toEqual([damaged]);
  });
});

describe('whoever loads the index while it is merged', () => {
  /** Merges once, behind the back of the reader: `when` its first listing has shown so many objects. */
  async function racing(shown: number): Promise<StorageTarget> {
    const storage = memoryStorage(many.objects);
    const merger = await open(storage);
    let merged = false;
    return {
      ...storage,
      async *list(prefix) {
        if (prefix !== 'index/' || merged) {
          yield* storage.list(prefix);
          return;
        }
        const before = await Array.fromAsync(storage.list(prefix));
        merged = true;
        await mergeIndex(merger);
        // What was listed before the merging is gone now; what it wrote came too late to show.
        yield* before.slice(0, shown);
      },
    };
  }

  it.each([
    ['all of the old', BACKUPS],
    ['some of the old', 10],
    ['neither the old nor the new', 0],
  ])('finds every pack when its listing showed %s', async (_, shown) => {
    const repository = await open(await racing(shown));
    expect(await packsNamed(repository)).toEqual({ packs, damage: 0 });
    const locator = await ChunkLocator.open(await open(await racing(shown)));
    expect(locator.damage).toEqual([]);
    await isWhole(await racing(shown));
  });

  it('names an object that is listed and never there', async () => {
    const storage = memoryStorage(many.objects);
    const [lost = ''] = indexKeys(storage);
    const target: StorageTarget = {
      ...storage,
      async get(key, range) {
        if (key === lost) throw new StrongroomError('STORAGE_OBJECT_MISSING', { key });
        return storage.get(key, range);
      },
    };
    const { damage } = await ChunkLocator.open(await open(target));
    expect(damage.map(({ code, details }) => [code, details['key']])).toEqual([['STORAGE_OBJECT_MISSING', lost]]);
  });
});
