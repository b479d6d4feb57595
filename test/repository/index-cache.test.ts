import { randomBytes } from 'node:crypto';
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { StorageTarget } from '../../src/contracts/index.ts';
import {
  ChunkLocator,
  IndexCache,
  mergeIndex,
  openRepository,
  type OpenedRepository,
} from '../../src/repository/index.ts';
import { memoryStorage, type MemoryStorage } from '../support/memory-storage.ts';
import {
  backUp,
  codecs,
  fileEntry,
  location,
  makeRepository,
  rootEntry,
  testKey,
} from '../support/repository-harness.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

let place: TempDir;
let storage: MemoryStorage;
let repository: OpenedRepository;
let fetched: string[];

async function filled(count: number): Promise<MemoryStorage> {
  const made = memoryStorage();
  const empty = await makeRepository(made);
  for (let number = 0; number < count; number++) {
    await backUp(empty, { files: [rootEntry, fileEntry('a', randomBytes(3000))] });
  }
  return made;
}
const indexIds = ({ objects }: MemoryStorage): string[] =>
  [...objects.keys()]
    .filter((key) => key.startsWith('index/'))
    .map((key) => key.slice('index/'.length))
    .toSorted();
const cached = async (): Promise<string[]> => (await readdir(place.join('cache'))).toSorted();

/** Loads the index; answers the index objects that were fetched for it. */
async function load(): Promise<string[]> {
  fetched = [];
  const { index, damage } = await ChunkLocator.open(repository);
  expect(damage).toEqual([]);
  expect(index.size).toBeGreaterThan(3);
  return fetched.toSorted();
}

beforeAll(async () => {
  place = await makeTempDir('cache');
});
afterAll(() => place[Symbol.asyncDispose]());

beforeEach(async () => {
  await rm(place.join('cache'), { recursive: true, force: true });
  storage = await filled(3);
  const counting: StorageTarget = {
    ...storage,
    async get(key, range) {
      if (key.startsWith('index/')) fetched.push(key.slice('index/'.length));
      return storage.get(key, range);
    },
  };
  const opened = await openRepository(counting, codecs, testKey, location);
  repository = { ...opened, indexCache: new IndexCache(place.join('cache')) };
});

describe('the cache of index objects', () => {
  it('holds each as it is stored, and spares fetching it again', async () => {
    expect(await load()).toEqual(indexIds(storage));
    expect(await cached()).toEqual(indexIds(storage));
    for (const id of indexIds(storage)) {
      expect(
        (await readFile(place.join('cache', id))).equals(storage.objects.get(`index/${id}`) ?? Buffer.alloc(0)),
      ).toBe(true);
    }
    expect(await load()).toEqual([]);
  });

  it.each([
    ['damaged', (bytes: Buffer) => bytes.fill(0, 50, 60)],
    ['cut short', (bytes: Buffer) => bytes.subarray(0, 40)],
    ['empty', () => Buffer.alloc(0)],
    ['another one', () => Buffer.from(storage.objects.get(`index/${indexIds(storage)[1]}`) ?? [])],
  ])('that is %s is put right from the repository', async (_, change) => {
    await load();
    const [id = ''] = indexIds(storage);
    const file = place.join('cache', id);
    await writeFile(file, change(await readFile(file)));
    expect(await load()).toEqual([id]);
    expect(await load()).toEqual([]);
  });

  it('may be deleted at any time', async () => {
    await load();
    const [id = ''] = indexIds(storage);
    await rm(place.join('cache', id));
    expect(await load()).toEqual([id]);
    await rm(place.join('cache'), { recursive: true });
    expect(await load()).toEqual(indexIds(storage));
  });

  it('takes nothing from another repository', async () => {
    const other = await filled(1);
    const [id = ''] = indexIds(other);
    const bytes = other.objects.get(`index/${id}`) ?? Buffer.alloc(0);
    await load();
    // The other one's object under the name that it has there, in both places: its seal tells.
    storage.objects.set(`index/${id}`, bytes);
    await writeFile(place.join('cache', id), bytes);
    const { damage } = await ChunkLocator.open(repository);
    expect(damage.map(({ details }) => details['object'])).toEqual([`index/${id}`]);
  });

  it('forgets what is not listed any more', async () => {
    await load();
    const [id = ''] = indexIds(storage);
    storage.objects.delete(`index/${id}`);
    await writeFile(place.join('cache', 'left.1.2'), 'half');
    await load();
    expect(await cached()).toEqual(indexIds(storage));
    expect(await cached()).not.toContain(id);
  });

  it('that can not be written is no hindrance', async () => {
    await writeFile(place.join('cache'), 'a file where the folder should be');
    expect(await load()).toEqual(indexIds(storage));
    expect(await load()).toEqual(indexIds(storage));
    expect(await mergeIndex(repository)).toBe(0);
  });
});
