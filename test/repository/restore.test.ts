import { randomBytes } from 'node:crypto';
import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ByteRange, RestoreEntry, SourceEntry, StorageTarget } from '../../src/contracts/index.ts';
import { ChunkLocator, type OpenedRepository, RestoreReader, walkSource } from '../../src/repository/index.ts';
import { memoryStorage } from '../support/memory-storage.ts';
import { backUp, fileEntry, makeRepository, readingLanes, rootEntry, verified } from '../support/repository-harness.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** Storage that remembers which ranges of data packs were asked for, and how many bytes were under way at once. */
function watched(target: StorageTarget) {
  const ranges: { readonly key: string; readonly range: ByteRange | undefined }[] = [];
  const peak = { bytes: 0 };
  let underWay = 0;
  const storage: StorageTarget = {
    ...target,
    async get(key, range, signal) {
      const bytes = await target.get(key, range, signal);
      if (key.startsWith('packs/')) ranges.push({ key, range });
      underWay += bytes.length;
      peak.bytes = Math.max(peak.bytes, underWay);
      await new Promise((resolve) => setImmediate(resolve));
      underWay -= bytes.length;
      return bytes;
    },
  };
  return { storage, ranges, peak };
}

interface Restoring extends AsyncDisposable {
  readonly entries: ReadonlyMap<string, RestoreEntry>;
  readonly at: (name: string) => Buffer;
  readonly path: string;
}

/** The files of a backup of `files`, ready to be written to a directory that vanishes. */
async function restoring(repository: OpenedRepository, files: Iterable<SourceEntry>): Promise<Restoring> {
  const { sources } = await backUp(repository, { files: [rootEntry, ...files] });
  const [source] = sources;
  if (source === undefined) throw new Error('The backup has no source.');
  const place = await makeTempDir();
  const locator = await ChunkLocator.open(repository);
  const pool = readingLanes(repository);
  const reader = new RestoreReader(repository, locator, pool);
  const entries = new Map<string, RestoreEntry>();
  for await (const entry of walkSource(source, locator, [], (_, error) => expect.fail(String(error)))) {
    if (entry.kind === 'file') entries.set(entry.path.toString(), reader.entry(entry));
  }
  return {
    entries,
    path: place.path,
    at: (name) => Buffer.from(join(place.path, name)),
    async [Symbol.asyncDispose]() {
      await pool[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    },
  };
}

const writeAll = ({ entries, at }: Restoring) =>
  Promise.allSettled([...entries].map(([name, entry]) => entry.writeFile(at(name))));

describe('files written together', () => {
  it('share the reading of their blocks, however far apart they are', async () => {
    const contents = Array.from({ length: 40 }, () => randomBytes(100_000));
    const { storage, ranges } = watched(memoryStorage());
    const repository = await makeRepository(storage);
    await using restore = await restoring(
      repository,
      Array.from({ length: 120 }, (_, index) => fileEntry(String(index), contents[index % 40] ?? '')).toSorted((a, b) =>
        a.path.compare(b.path),
      ),
    );
    const before = ranges.length;
    await writeAll(restore);
    for (const name of ['0', '39', '40', '119']) {
      expect(readFileSync(restore.at(name)).equals(contents[Number(name) % 40] ?? Buffer.of())).toBe(true);
    }
    const read = ranges
      .slice(before)
      .map(({ key, range }) => ({ key, at: range?.offset ?? 0, end: range?.length ?? 0 }));
    const bytes = read.reduce((sum, { end }) => sum + end, 0);
    expect(bytes).toBeLessThan(40 * 100_000 * 1.1);
    // No byte is asked for twice, and each pack from its beginning to its end.
    for (const [position, { key, at }] of read.entries()) {
      const previous = read[position - 1];
      if (previous?.key === key) expect(at).toBeGreaterThanOrEqual(previous.at + previous.end);
    }
  });

  it('hold a bounded part of a long file in memory', async () => {
    const content = randomBytes(60 * 2 ** 20);
    const { storage, peak } = watched(memoryStorage());
    await using restore = await restoring(await makeRepository(storage), [fileEntry('long', content)]);
    peak.bytes = 0;
    expect(await writeAll(restore)).toMatchObject([{ status: 'fulfilled' }]);
    expect(readFileSync(restore.at('long')).equals(content)).toBe(true);
    // Three tasks of some MiB of blocks for one lane.
    expect(peak.bytes).toBeLessThan(30 * 2 ** 20);
  });

  it('do not hinder each other: one that can not be made fails alone, long or short', async () => {
    const long = randomBytes(9_000_000);
    await using restore = await restoring(await makeRepository(), [
      fileEntry('a', 'short'),
      fileEntry('b', 'also short'),
      fileEntry('c', ''),
      fileEntry('d', long),
      fileEntry('e', long),
    ]);
    for (const name of ['b', 'd']) writeFileSync(restore.at(name), 'in the way');
    const results = await writeAll(restore);
    expect(results.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'fulfilled',
      'rejected',
      'fulfilled',
    ]);
    expect(results[1]).toMatchObject({ reason: { code: 'RESTORE_FAILED' } });
    expect(results[3]).toMatchObject({ reason: { code: 'RESTORE_FAILED' } });
    expect(['b', 'd'].map((name) => readFileSync(restore.at(name), 'utf8'))).toEqual(['in the way', 'in the way']);
    expect(['a', 'c'].map((name) => readFileSync(restore.at(name), 'utf8'))).toEqual(['short', '']);
    expect(readFileSync(restore.at('e')).equals(long)).toBe(true);
  });

  it('have the mode that is asked for, or are private', async () => {
    const long = randomBytes(9_000_000);
    await using restore = await restoring(await makeRepository(), [fileEntry('a', 'short'), fileEntry('b', long)]);
    await Promise.all([...restore.entries].map(([name, entry]) => entry.writeFile(restore.at(name), 0o4751)));
    await Promise.all([...restore.entries].map(([name, entry]) => entry.writeFile(restore.at(`${name}-private`))));
    const modes = ['a', 'b', 'a-private', 'b-private'].map((name) =>
      (statSync(restore.at(name)).mode & 0o7777).toString(8),
    );
    expect(modes).toEqual(['4751', '4751', '600', '600']);
  });

  it('have holes where a sparse file has zeros', async () => {
    const content = Buffer.alloc(24 * 2 ** 20);
    content.write('begin', 0);
    content.write('end', 20 * 2 ** 20);
    const sparse = (path: string, bytes: Buffer): SourceEntry => {
      const entry = fileEntry(path, bytes);
      return { ...entry, metadata: { ...entry.metadata, sparse: true } };
    };
    await using restore = await restoring(await makeRepository(), [
      sparse('holes', content),
      sparse('nothing', Buffer.alloc(200_000)),
    ]);
    await writeAll(restore);
    expect(readFileSync(restore.at('holes')).equals(content)).toBe(true);
    expect(statSync(restore.at('holes')).blocks * 512).toBeLessThan(16 * 2 ** 20);
    expect(statSync(restore.at('nothing'))).toMatchObject({ size: 200_000, blocks: 0 });
  });
});

describe('a verification', () => {
  it('reads each pack that is needed once and whole, and no other', async () => {
    const { storage, ranges } = watched(memoryStorage());
    const repository = await makeRepository(storage);
    const other = await backUp(repository, { files: [rootEntry, fileEntry('other', randomBytes(2_000_000))] });
    const snapshot = await backUp(repository, { files: [rootEntry, fileEntry('file', randomBytes(40_000_000))] });
    expect(other.id).not.toBe(snapshot.id);
    ranges.length = 0;
    const { damage, objectsRead, bytesRead } = await verified(repository, snapshot);
    expect(damage).toEqual([]);
    expect(bytesRead).toBeGreaterThan(40_000_000);
    expect(bytesRead).toBeLessThan(41_000_000);
    const whole = ranges.filter(({ range }) => (range?.length ?? 0) > 8_000_000).map(({ key }) => key);
    expect(whole).toHaveLength(objectsRead);
    expect(new Set(whole).size).toBe(objectsRead);
  });
});
