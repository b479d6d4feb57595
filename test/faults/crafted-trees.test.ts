/** Trees that no sound writer makes: refused or confined, never followed out of the place of restore. */
import { lstat, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { beforeEach, describe, expect, it } from 'vitest';
import { asStrongroomError } from '../../src/errors.ts';
import { ByteWriter } from '../../src/repository/bytes.ts';
import { ObjectKind, objectKeys } from '../../src/repository/format.ts';
import { KeyedHasher, toHex } from '../../src/repository/hashing.ts';
import { type ManifestSource, openRepository, type OpenedRepository } from '../../src/repository/index.ts';
import { packCapacity, PackWriter } from '../../src/repository/pack-writer.ts';
import { type Content, type TreeEntryRecord, writeEntry } from '../../src/repository/tree-codec.ts';
import { memoryStorage, type MemoryStorage } from '../support/memory-storage.ts';
import {
  backUp,
  codecs,
  directoryEntry,
  fileEntry,
  location,
  makeRepository,
  readBack,
  restoreTo,
  rootEntry,
  testKey,
} from '../support/repository-harness.ts';
import { makeTempDir } from '../support/temp-dir.ts';

/** Writes trees chunk by chunk, without any check, as somebody who has the key could. */
class Crafter {
  readonly #repository: OpenedRepository;
  readonly #hasher: KeyedHasher;
  readonly #packs: PackWriter;
  readonly #storage: MemoryStorage;

  constructor(repository: OpenedRepository, storage: MemoryStorage) {
    this.#repository = repository;
    this.#storage = storage;
    this.#hasher = new KeyedHasher(repository.keys.chunkId);
    const { sealing, codecs: own, description } = repository;
    this.#packs = new PackWriter(
      ObjectKind.treePack,
      sealing,
      own,
      description,
      () => Buffer.alloc(packCapacity(description)),
      ({ id, bytes }) => void this.#storage.objects.set(objectKeys.pack(toHex(id)), Uint8Array.from(bytes)),
    );
  }

  chunk(bytes: Uint8Array): Content {
    const id = this.#hasher.hash(bytes);
    this.#packs.add(id, bytes);
    return { depth: 0, ids: id };
  }

  directory(entries: readonly TreeEntryRecord[]): Content {
    const writer = new ByteWriter();
    for (const entry of entries) writeEntry(writer, entry);
    return this.chunk(writer.view());
  }

  source(content: Content): ManifestSource {
    const root = this.directory([{ kind: 'directory', name: Buffer.alloc(0), metadata: {}, content }]);
    this.#packs.flush();
    const counts = { files: 0, directories: 0, bytes: 0, tables: [] };
    return { name: 'files', content: 'FILES', plugin: 'directory', root: toHex(root.ids), ...counts };
  }

  file(name: string | Buffer, text = 'escaped'): TreeEntryRecord {
    return {
      kind: 'file',
      name: Buffer.from(name),
      metadata: {},
      size: text.length,
      content: this.chunk(Buffer.from(text)),
    };
  }

  async opened(): Promise<OpenedRepository> {
    return openRepository(this.#repository.storage, codecs, testKey, location);
  }
}

let crafter: Crafter;
beforeEach(async () => {
  const storage = memoryStorage();
  crafter = new Crafter(await makeRepository(storage), storage);
});

const link = (name: string, target: string): TreeEntryRecord => ({
  kind: 'symlink',
  name: Buffer.from(name),
  metadata: {},
  target: Buffer.from(target),
});

/** Restores into a directory beside a file that must stay as it is; answers what is in the target. */
async function restored(source: ManifestSource) {
  await using place = await makeTempDir('crafted');
  const target = place.join('target');
  await mkdir(target);
  await writeFile(place.join('outside'), 'untouched');
  const warnings = await restoreTo(await crafter.opened(), source, target);
  expect((await readdir(place.path)).toSorted()).toEqual(['outside', 'target']);
  expect(await readFile(place.join('outside'), 'utf8')).toBe('untouched');
  return { names: (await readdir(target)).toSorted(), warnings };
}

describe('a crafted tree', () => {
  it.each(['..', '.', '../outside', '/tmp/strongroom-escaped', 'a/b', 'nul\0byte', ''])(
    'with the name %j is damage',
    async (name) => {
      const source = crafter.source(crafter.directory([crafter.file('%sound'), crafter.file(name)]));
      const { names, warnings } = await restored(source);
      expect(names).toEqual([]);
      expect(warnings).toMatchObject([{ code: 'REPOSITORY_DAMAGED' }]);
    },
  );

  it('is damaged where it is, and nowhere else', async () => {
    const bad = crafter.directory([crafter.file('..')]);
    const source = crafter.source(
      crafter.directory([
        { kind: 'directory', name: Buffer.from('bad'), metadata: {}, content: bad },
        crafter.file('good', 'good'),
      ]),
    );
    const { names, warnings } = await restored(source);
    expect(names).toEqual(['bad', 'good']);
    expect(warnings.map(({ subject }) => subject)).toEqual(['bad']);
  });

  it('with a link and a file through it is damage: a name stands once', async () => {
    const inside = crafter.directory([crafter.file('outside')]);
    const through: TreeEntryRecord = { kind: 'directory', name: Buffer.from('link'), metadata: {}, content: inside };
    for (const entries of [
      [link('link', '..'), through],
      [through, link('link', '..')],
    ]) {
      const { names } = await restored(crafter.source(crafter.directory(entries)));
      expect(names).not.toContain('outside');
    }
  });

  it('out of order is damage', async () => {
    const source = crafter.source(crafter.directory([crafter.file('b'), crafter.file('a')]));
    const { damage } = await readBack(await crafter.opened(), source);
    expect(damage).toMatchObject([{ error: { message: expect.stringContaining('out of order') } }]);
  });

  it('with lengths that are not there is damage, without taking their memory', async () => {
    const giant = new ByteWriter();
    giant.u8(2);
    giant.blob(Buffer.from('giant'));
    giant.varint(0);
    giant.varint(2 ** 52);
    giant.u8(4);
    giant.varint(4096);
    const long = new ByteWriter();
    long.u8(3);
    long.varint(2 ** 40);
    for (const writer of [giant, long]) {
      const { damage } = await readBack(await crafter.opened(), crafter.source(crafter.chunk(writer.view())));
      expect(damage).toHaveLength(1);
      expect(asStrongroomError(damage[0]?.error).code).toBe('REPOSITORY_DAMAGED');
    }
  });

  it('whose file is not as long as it says gives no bytes to a restore', async () => {
    const short = { ...crafter.file('short'), size: 2 ** 40 } as TreeEntryRecord;
    const long = { ...crafter.file('long'), size: 1 } as TreeEntryRecord;
    const { names, warnings } = await restored(crafter.source(crafter.directory([long, short])));
    expect(names).toEqual([]);
    expect(warnings.map(({ subject }) => subject).toSorted()).toEqual(['long', 'short']);
  });

  it('whose folded list leads nowhere or is no list is damage', async () => {
    const torn = { ...crafter.chunk(Buffer.alloc(33)), depth: 1 };
    const missing: Content = { depth: 2, ids: Buffer.alloc(32, 9) };
    const deep = { ...crafter.chunk(Buffer.alloc(32, 8)), depth: 4 };
    for (const content of [torn, missing, deep]) {
      const { damage } = await readBack(await crafter.opened(), crafter.source(content));
      expect(asStrongroomError(damage[0]?.error).code).toBe('REPOSITORY_DAMAGED');
    }
  });

  it('whose root is no directory, or is more than one entry, is damage', async () => {
    const { ids } = crafter.directory([crafter.file('file')]);
    const source = { ...crafter.source(crafter.directory([])), root: toHex(ids) };
    await expect(readBack(await crafter.opened(), source)).rejects.toMatchObject({ code: 'REPOSITORY_DAMAGED' });
  });

  it('as deep as paths can be is read', async () => {
    let content = crafter.directory([crafter.file('bottom')]);
    for (let depth = 0; depth < 500; depth++) {
      content = crafter.directory([{ kind: 'directory', name: Buffer.from('d'), metadata: {}, content }]);
    }
    const { entries, damage } = await readBack(await crafter.opened(), crafter.source(content));
    expect(damage).toEqual([]);
    expect(entries.size).toBe(502);
  });
});

describe('a link at the target', () => {
  it('is not followed by what is restored over it', async () => {
    const repository = await makeRepository();
    const { sources } = await backUp(repository, {
      files: [rootEntry, directoryEntry('into'), fileEntry('into/file', 'new')],
    });
    await using place = await makeTempDir('link-at-target');
    await mkdir(place.join('target'));
    await mkdir(place.join('elsewhere'));
    await symlink('../elsewhere', place.join('target', 'into'));
    const [source] = sources;
    if (source === undefined) throw new Error('There is no source.');
    const failure: unknown = await restoreTo(repository, source, place.join('target')).catch((error: unknown) => error);
    expect(asStrongroomError(failure).code).toBe('RESTORE_CONFLICT');
    expect(await readdir(place.join('elsewhere'))).toEqual([]);
    expect((await lstat(place.join('target', 'into'))).isSymbolicLink()).toBe(true);
  });
});
