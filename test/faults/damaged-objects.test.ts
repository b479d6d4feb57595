/** One object damaged at a time: it is named, everything else comes back, nothing damaged is passed on. */
import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import type { SourceEntry } from '../../src/contracts/index.ts';
import { asStrongroomError } from '../../src/errors.ts';
import { openRepository, type OpenedRepository, readSnapshot, type Snapshot } from '../../src/repository/index.ts';
import { memoryStorage, type MemoryStorage } from '../support/memory-storage.ts';
import {
  backUp,
  codecs,
  directoryEntry,
  fileEntry,
  location,
  makeRepository,
  type ReadBack,
  readBack,
  rootEntry,
  testKey,
  verified,
} from '../support/repository-harness.ts';

let good: MemoryStorage;
let snapshot: Snapshot;
let whole: readonly ReadBack[];

function* entries(seed: string): Generator<SourceEntry> {
  yield rootEntry;
  yield directoryEntry('deep');
  for (let index = 0; index < 30; index++)
    yield fileEntry(`deep/${String(index).padStart(2, '0')}`, `${seed} ${index} `.repeat(20));
  yield fileEntry('empty', '');
  for (let index = 0; index < 5; index++) yield fileEntry(`large-${index}`, randomBytes(900_000));
}

beforeAll(async () => {
  good = memoryStorage();
  const made = await makeRepository(good);
  // Small packs, so that damage to one leaves others.
  const repository: OpenedRepository = { ...made, description: { ...made.description, packSize: 2 ** 20 } };
  snapshot = await backUp(repository, { first: entries('first'), second: entries('second') });
  whole = await Promise.all(snapshot.sources.map((source) => readBack(repository, source)));
});

const keysBelow = (prefix: string): string[] => [...good.objects.keys()].filter((key) => key.startsWith(prefix));
const kindOf = (key: string): number => good.objects.get(key)?.[5] ?? 0;
const packs = (kind: 'data' | 'tree'): string[] =>
  keysBelow('packs/').filter((key) => kindOf(key) === (kind === 'data' ? 1 : 2));

/** The repository after `change` to one of its objects. */
async function damagedBy(
  key: string,
  change: (bytes: Uint8Array) => Uint8Array | undefined,
): Promise<OpenedRepository> {
  const storage = memoryStorage(good.objects);
  const changed = change(Uint8Array.from(good.objects.get(key) ?? []));
  if (changed === undefined) storage.objects.delete(key);
  else storage.objects.set(key, changed);
  return openRepository(storage, codecs, testKey, location);
}

/** Everything that comes back is as it was; answers the paths that do not, and the objects named for them. */
async function comesBack(repository: OpenedRepository) {
  const lost: string[] = [];
  const named = new Set<unknown>();
  for (const [index, source] of snapshot.sources.entries()) {
    const { entries: back, damage } = await readBack(repository, source);
    for (const [path, content] of whole[index]?.entries ?? []) {
      const read = back.get(path);
      if (read === undefined) lost.push(`${source.name}/${path}`);
      else expect(Buffer.from(read).equals(Buffer.from(content))).toBe(true);
    }
    for (const { error } of damage) {
      const { details } = asStrongroomError(error);
      named.add(details['object'] ?? details['key']);
    }
  }
  return { lost, named: [...named] };
}

const flip = (at: (length: number) => number) => (bytes: Uint8Array) => {
  const place = at(bytes.length);
  bytes[place] = (bytes[place] ?? 0) ^ 0x10;
  return bytes;
};
const isInside = [
  ['the magic', flip(() => 1)],
  ['the kind', flip(() => 5)],
  ['the envelope', flip(() => 20)],
  ['the first block', flip(() => 60)],
  ['the middle', flip((length) => length >> 1)],
  ['the directory', flip((length) => length - 40)],
  ['the trailer', flip((length) => length - 10)],
  ['its last byte', flip((length) => length - 1)],
  ['its second half', (bytes: Uint8Array) => bytes.slice(0, bytes.length >> 1)],
  ['its last byte, cut off,', (bytes: Uint8Array) => bytes.slice(0, -1)],
  ['all but one byte', (bytes: Uint8Array) => bytes.slice(0, 1)],
  ['everything', () => new Uint8Array(0)],
  ['the object itself', () => undefined],
] as const;

describe('a data pack', () => {
  it.each(isInside)('that lacks or changed %s is named, and the rest comes back', async (_, change) => {
    const key = packs('data')[1] ?? '';
    const repository = await damagedBy(key, change);
    const { damage } = await verified(repository, snapshot);
    expect([...new Set(damage.map(({ object }) => object))]).toEqual([key]);
    const { lost, named } = await comesBack(repository);
    expect(named.filter((object) => object !== key)).toEqual([]);
    const paths = new Set(damage.flatMap((found) => found.paths));
    for (const path of lost) expect(paths).toContain(`/files/${path}`);
    expect(lost.length).toBeLessThan(40);
  });

  it('whose index is gone too is named', async () => {
    const [key = ''] = packs('data');
    const repository = await damagedBy(
      key,
      flip((length) => length - 40),
    );
    for (const index of keysBelow('index/')) (repository.storage as MemoryStorage).objects.delete(index);
    const { damage } = await verified(repository, snapshot);
    expect(damage.map(({ object }) => object)).toContain(key);
    const { lost } = await comesBack(repository);
    expect(lost.length).toBeGreaterThan(0);
    expect(lost.length).toBeLessThan(40);
  });

  it('put in the place of another is named', async () => {
    const [first = '', second = ''] = packs('data');
    const repository = await damagedBy(second, () => good.objects.get(first));
    const { damage } = await verified(repository, snapshot);
    expect(new Set(damage.map(({ object }) => object))).toEqual(new Set([second]));
    expect((await comesBack(repository)).named).toEqual([second]);
  });
});

describe('a tree pack', () => {
  it.each(isInside)('that lacks or changed %s is named', async (_, change) => {
    const [key = ''] = packs('tree');
    const repository = await damagedBy(key, change);
    const { damage } = await verified(repository, snapshot);
    expect([...new Set(damage.map(({ object }) => object))]).toEqual([key]);
    const [result] = await Promise.allSettled([comesBack(repository)]);
    if (result?.status === 'fulfilled') expect(result.value.lost).toEqual([]);
    else expect(asStrongroomError(result?.reason).category).toBe('damage');
  });
});

describe('an index object', () => {
  it.each(isInside)('that lacks or changed %s is named and rebuilt from the packs', async (what, change) => {
    const [key = ''] = keysBelow('index/');
    const repository = await damagedBy(key, change);
    const { damage } = await verified(repository, snapshot);
    expect(damage.map(({ object }) => object)).toEqual(what === 'the object itself' ? [] : [key]);
    expect(await comesBack(repository)).toEqual({ lost: [], named: [] });
  });

  it('does not keep a backup from being made, which mends it', async () => {
    const [key = ''] = keysBelow('index/');
    const repository = await damagedBy(key, () => undefined);
    const again = await backUp(repository, { first: entries('first') }, { resume: true });
    expect(again.statistics.addedBytes).toBeLessThan(5_000_000);
    expect((await verified(repository, again)).damage).toEqual([]);
  });
});

describe('a snapshot', () => {
  it.each(isInside)('that lacks or changed %s is named', async (what, change) => {
    const key = `snapshots/${snapshot.id}`;
    const repository = await damagedBy(key, change);
    const [result] = await Promise.allSettled([readSnapshot(repository, snapshot.id)]);
    const { code, details } = asStrongroomError(result?.status === 'rejected' ? result.reason : undefined);
    if (what === 'the object itself') expect([code, details['id']]).toEqual(['SNAPSHOT_NOT_FOUND', snapshot.id]);
    else expect([code, details['object']]).toEqual(['REPOSITORY_DAMAGED', key]);
  });

  it('under the name of another is refused', async () => {
    const other = '0'.repeat(32);
    const repository = await damagedBy(`snapshots/${other}`, () => good.objects.get(`snapshots/${snapshot.id}`));
    await expect(readSnapshot(repository, other)).rejects.toMatchObject({ details: { object: `snapshots/${other}` } });
  });
});
