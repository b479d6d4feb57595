/** docs/format.md and the engine prove each other: a reader written from the page alone reads what the engine wrote. */
import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import type { EntryMetadata, SourceEntry } from '../../src/contracts/index.ts';
import { openRepository, type OpenedRepository, readSnapshot } from '../../src/repository/index.ts';
import { IndependentReader, type Objects } from '../support/independent-reader.ts';
import { memoryStorage, type MemoryStorage } from '../support/memory-storage.ts';
import {
  backUp,
  codecs,
  directoryEntry,
  fileEntry,
  location,
  makeRepository,
  readBack,
  rootEntry,
  testKey,
  withTinyChunks,
} from '../support/repository-harness.ts';

const keyFile = Buffer.alloc(32, 7);
const allFacts: EntryMetadata = {
  mode: 0o4755,
  uid: 1000,
  gid: 2 ** 31,
  mtimeNs: -1_234_567_890_123_456_789n,
  ctimeNs: 1_234_567_890_123_456_789n,
  inode: 2n ** 63n,
  hardLink: 'one',
  extendedAttributes: new Map([['user.note', Buffer.from([0, 255, 1])]]),
  sparse: true,
};

const objectsOf = ({ objects }: MemoryStorage): Objects =>
  new Map([...objects].map(([key, bytes]) => [key, Buffer.from(bytes)]));

async function backUpAll(repository: OpenedRepository, large: Buffer) {
  const odd = Buffer.from([0x66, 0xff, 0x0a, 0x66]);
  const entries: SourceEntry[] = [
    rootEntry,
    directoryEntry('directory'),
    fileEntry('directory/empty', ''),
    fileEntry('directory/small', 'small text '.repeat(50)),
    fileEntry(odd, 'invalid UTF-8'),
    { kind: 'symlink', path: Buffer.from('link'), metadata: {}, target: Buffer.from('directory/small') },
    { ...fileEntry('marked', 'facts'), metadata: allFacts },
    fileEntry('z-large', large),
  ];
  return backUp(repository, {
    files: entries.toSorted((a, b) => (a.path.length === 0 ? -1 : Buffer.compare(a.path, b.path))),
  });
}

function compare(reader: IndependentReader, root: string, back: Awaited<ReturnType<typeof readBack>>): void {
  const read = [...reader.tree(root)];
  expect(read.map(({ path }) => path.toString('latin1'))).toEqual([...back.entries.keys()]);
  for (const { kind, path, bytes } of read) {
    const expected = back.entries.get(path.toString('latin1'));
    if (kind === 'file') expect(bytes.equals(Buffer.from(expected ?? ''))).toBe(true);
    else expect(expected).toBe(kind === 'directory' ? 'directory' : `link -> ${bytes.toString('latin1')}`);
  }
}

describe('the page on the format', () => {
  it.each([
    ['zstd', 'aes-256-gcm'],
    ['gzip', 'chacha20-poly1305'],
    ['brotli', 'aes-256-gcm'],
    ['none', 'none'],
  ])('holds for what the engine writes with %s and %s', async (compressor, encryptor) => {
    const storage = memoryStorage();
    const key = encryptor === 'none' ? ({ kind: 'none' } as const) : testKey;
    const repository = await makeRepository(storage, { compressor, encryptor, key });
    const large = Buffer.concat([randomBytes(4_200_000), Buffer.alloc(300_000, 'text that compresses well ')]);
    const snapshot = await backUpAll(repository, large);
    const reader = new IndependentReader(objectsOf(storage), keyFile);
    expect(reader.snapshots()).toEqual([snapshot]);
    const root = snapshot.sources[0]?.root ?? '';
    compare(reader, root, await readBack(repository, snapshot.sources[0]));
    const read = [...reader.tree(root)];
    const file = read.find(({ path }) => path.toString() === 'z-large');
    expect(file?.bytes.equals(large)).toBe(true);
    expect(file?.chunks).toEqual(reader.cuts(large));
    expect(file?.chunks.length).toBeGreaterThan(1);
    expect(read.find(({ path }) => path.toString() === 'marked')?.facts).toEqual(allFacts);
  });

  it('holds for folded contents', async () => {
    const storage = memoryStorage();
    const repository = withTinyChunks(await makeRepository(storage));
    const snapshot = await backUpAll(repository, randomBytes(1_000_000));
    expect(snapshot.sources[0]?.files).toBe(5);
    const reader = new IndependentReader(objectsOf(storage), keyFile);
    compare(reader, snapshot.sources[0]?.root ?? '', await readBack(repository, snapshot.sources[0]));
  });
});

describe('a repository of format version 1 that was kept', () => {
  it('is read the same by the engine and by the page', async () => {
    const file = new URL('../fixtures/repository-v1.json', import.meta.url);
    const kept = JSON.parse(await readFile(file, 'utf8')) as Record<string, string>;
    const objects: Objects = new Map(Object.entries(kept).map(([key, text]) => [key, Buffer.from(text, 'base64')]));
    const repository = await openRepository(memoryStorage(objects), codecs, testKey, location);
    const id = [...objects.keys()].find((key) => key.startsWith('snapshots/'))?.slice('snapshots/'.length) ?? '';
    const snapshot = await readSnapshot(repository, id);
    const reader = new IndependentReader(objects, keyFile);
    expect(reader.snapshots()).toEqual([snapshot]);
    expect(snapshot.checksum).toBe('51a338ae4ce4716b9bb1df3c87d192aadf6e2727c962ee52559799a859e55126');
    const back = await readBack(repository, snapshot.sources[0]);
    compare(reader, snapshot.sources[0]?.root ?? '', back);
    expect(back.damage).toEqual([]);
    expect(back.entries.get('directory/small')?.toString()).toBe('small text '.repeat(50));
    expect(back.entries.size).toBe(8);
  });
});
