/** One backup on its way into a repository: the lanes, the set of known chunks and the packs that its sources share. */
import type { SourceYield } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { BlockReader } from './block-reader.ts';
import { ChunkSet, FIRST_LEVEL } from './chunk-table.ts';
import { Chunker } from './chunker.ts';
import { ObjectKind } from './format.ts';
import { KeyedHasher } from './hashing.ts';
import { allocateIdTable } from './id-table.ts';
import { readUnindexedPacks } from './index-loader.ts';
import type { PackEntry } from './index-object.ts';
import { LanePool, type LaneSpawner } from './lane-pool.ts';
import type { LaneCounts } from './lane-protocol.ts';
import { loadForWriting } from './load-index.ts';
import type { LocationIndex } from './location-index.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { packLength, readDirectory } from './pack-layout.ts';
import { PackStore } from './pack-store.ts';
import { packCapacity, PackWriter } from './pack-writer.ts';
import { ParentTree } from './parent-tree.ts';
import { type RunCounters, throwIfCancelled, type Warnings } from './run-control.ts';
import { type SourceTotals, SourceWriter } from './source-writer.ts';

export interface BackupWriterOptions {
  readonly spawn: LaneSpawner;
  readonly lanes: number;
  readonly signal: AbortSignal;
  readonly counters: RunCounters;
  readonly warnings: Warnings;
  /** Look for packs that an earlier attempt stored without naming them in an index object. */
  readonly resume: boolean;
}

/** Tree packs that may wait for the storage target beside those of the lanes. */
const MOST_BACKLOG = 8;

export class BackupWriter implements AsyncDisposable {
  readonly #options: BackupWriterOptions;
  readonly #chunker: Chunker;
  readonly #hasher: KeyedHasher;
  readonly #known: ChunkSet;
  readonly #pool: LanePool;
  readonly #store: PackStore;
  readonly #trees: PackWriter;
  readonly #reader: BlockReader;
  #readBytes = 0;

  private constructor(repository: OpenedRepository, options: BackupWriterOptions, index: LocationIndex) {
    this.#options = options;
    const { description, keys, sealing, codecs } = repository;
    this.#chunker = new Chunker(description.chunker, keys.gear);
    this.#hasher = new KeyedHasher(keys.chunkId);
    const levels = [index.chunkIds, allocateIdTable(FIRST_LEVEL)];
    this.#known = new ChunkSet(levels, (capacity) => this.#pool.grow(this.#known.levels, capacity));
    this.#store = new PackStore(repository, (error) => this.#pool.fail(error));
    const capacity = packCapacity(description);
    this.#pool = new LanePool({
      repository: { description, keys },
      spawn: options.spawn,
      lanes: options.lanes,
      chunks: levels,
      buffers: { length: capacity, count: options.lanes + 1 },
      onPack: ({ packKind: kind, id, envelope, directory, buffer, length }, release) =>
        this.#store.accept({ kind, id, envelope, directory, bytes: new Uint8Array(buffer, 0, length) }, release),
      onLevel: (added) => this.#known.addLevel(added),
    });
    this.#trees = new PackWriter(
      ObjectKind.treePack,
      sealing,
      codecs,
      description,
      () => Buffer.allocUnsafeSlow(capacity),
      (pack) => this.#store.accept(pack, () => undefined),
    );
    this.#reader = new BlockReader(repository, index);
    options.signal.addEventListener('abort', this.#cancel, { once: true });
  }

  /** Loads what the repository holds and starts the lanes. */
  static async open(repository: OpenedRepository, options: BackupWriterOptions): Promise<BackupWriter> {
    const { index, damage } = await loadForWriting(repository);
    const adopted: PackEntry[] = [];
    if (options.resume || damage.length > 0) {
      const { overhead } = repository.sealing.encryptor;
      const adopt = (entry: PackEntry, length: number): void => {
        if (length === packLength(entry, readDirectory(entry.directory), overhead)) index.addPack(entry);
        adopted.push(entry);
      };
      await readUnindexedPacks(repository, (id) => index.hasPack(id), adopt);
    }
    throwIfCancelled(options.signal);
    const writer = new BackupWriter(repository, options, index);
    for (const entry of adopted) await writer.#store.adopt(entry);
    return writer;
  }

  /** Lets at most so many lanes work from now on, at least one. */
  limitLanes(lanes: number): void {
    this.#pool.limit(lanes);
  }

  /** Bytes read from sources. */
  get readBytes(): number {
    return this.#readBytes;
  }

  /** Bytes written to the repository. */
  get storedBytes(): number {
    return this.#store.storedBytes;
  }

  /**
   * Stores everything a source yields.
   * @param parentRoot root of the same source in an earlier snapshot; files that have not changed since are not read
   * @param streamsAtOnce how many streams that come together may be read at once
   */
  async source(
    entries: AsyncIterable<SourceYield>,
    parentRoot: string | undefined,
    streamsAtOnce?: number,
  ): Promise<SourceTotals> {
    const parent =
      parentRoot === undefined
        ? undefined
        : await ParentTree.open(Buffer.from(parentRoot, 'hex'), this.#reader, (id) => this.#known.has(id));
    const { signal, counters, warnings } = this.#options;
    const context = {
      chunker: this.#chunker,
      pool: this.#pool,
      storeTree: (bytes: Uint8Array) => this.#storeTree(bytes),
      signal,
      counters,
      warnings,
      breathe: () => (this.#store.backlog > MOST_BACKLOG ? this.#store.settle(MOST_BACKLOG) : undefined),
      onRead: (counts: LaneCounts) => this.#count(counts),
    };
    return new SourceWriter(context, parent).write(entries, streamsAtOnce);
  }

  /** Makes everything stored so far durable and named in the index; only then may a snapshot be written. */
  async finish(): Promise<void> {
    this.#trees.flush();
    await this.#pool.flush();
    await this.#store.finish();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.signal.removeEventListener('abort', this.#cancel);
    await this.#pool[Symbol.asyncDispose]();
    await this.#store.abandon();
  }

  readonly #cancel = (): void => this.#pool.fail(new StrongroomError('CANCELLED', {}));

  #count({ readBytes, addedBytes }: LaneCounts): void {
    this.#readBytes += readBytes;
    this.#options.counters.addedBytes += addedBytes;
  }

  #storeTree(bytes: Uint8Array): Uint8Array {
    const id = this.#hasher.hash(bytes);
    if (this.#known.add(id)) {
      this.#trees.add(id, bytes);
      this.#options.counters.addedBytes += bytes.length;
    }
    return id;
  }
}
