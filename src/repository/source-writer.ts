/** One source of a backup: its entries become a tree. */
import { pathToText, type SourceEntry } from '../contracts/index.ts';
import { type ErrorCode, type ErrorDetails, StrongroomError } from '../errors.ts';
import type { Chunker } from './chunker.ts';
import { ContentBuilder } from './content.ts';
import { FileBatches, type PlainFile } from './file-batches.ts';
import { toHex } from './hashing.ts';
import type { LanePool } from './lane-pool.ts';
import type { LaneCounts } from './lane-protocol.ts';
import type { ParentTree } from './parent-tree.ts';
import { type RunCounters, throwIfCancelled, type Warnings } from './run-control.ts';
import { storeStream } from './stream-store.ts';
import { refusedPart } from './tree-codec.ts';
import { nameOf, type StoreTreeChunk, TreeWriter } from './tree-writer.ts';

/** What the sources of a backup share. */
export interface SourceWriterContext {
  readonly chunker: Chunker;
  readonly pool: LanePool;
  readonly storeTree: StoreTreeChunk;
  readonly signal: AbortSignal;
  readonly counters: RunCounters;
  readonly warnings: Warnings;
  /** Waits until the storage target has caught up. */
  readonly breathe: () => Promise<void>;
  readonly onRead: (counts: LaneCounts) => void;
}

/** What one source came to. */
export interface SourceTotals {
  /** Id of the chunk that holds the root entry: 64 hex digits. */
  readonly root: string;
  readonly files: number;
  readonly unchangedFiles: number;
  readonly directories: number;
  readonly bytes: number;
}

/** Entries that wait for one before them in their directory; more would mean that memory grows with the backup. */
const MOST_WAITING = 65_536;

export class SourceWriter {
  readonly #context: SourceWriterContext;
  readonly #parent: ParentTree | undefined;
  readonly #tree: TreeWriter;
  readonly #batches: FileBatches;
  #files = 0;
  #unchangedFiles = 0;
  #directories = 0;
  #bytes = 0;

  /** @param parent the same source in an earlier backup; files that have not changed since are not read */
  constructor(context: SourceWriterContext, parent: ParentTree | undefined) {
    this.#context = context;
    this.#parent = parent;
    this.#tree = new TreeWriter(context.chunker, context.storeTree);
    this.#batches = new FileBatches(context.pool, {
      newContent: () => new ContentBuilder(context.storeTree),
      onCounts: context.onRead,
      onBytes: (bytes) => void (context.counters.bytesDone += bytes),
      onStored: (size) => this.#stored(size),
      warn: (code, path, details) => this.#warn(code, path, details),
    });
  }

  /** Stores everything; throws what makes the backup pointless. */
  async write(entries: AsyncIterable<SourceEntry>): Promise<SourceTotals> {
    for await (const entry of entries) {
      throwIfCancelled(this.#context.signal);
      await this.#entry(entry);
      if (this.#tree.waiting > MOST_WAITING) await this.#batches.settle();
      await this.#context.breathe();
    }
    await this.#batches.settle();
    this.#tree.finish();
    const { root } = this.#tree;
    if (root === undefined) throw new StrongroomError('SOURCE_ENTRY_INVALID', { path: '/', reason: 'it has no root' });
    return {
      root: toHex(root),
      files: this.#files,
      unchangedFiles: this.#unchangedFiles,
      directories: this.#directories,
      bytes: this.#bytes,
    };
  }

  async #entry(entry: SourceEntry): Promise<void> {
    const { path, metadata } = entry;
    this.#context.counters.currentItem = pathToText(path);
    const reason = refusedPart(nameOf(path), metadata, entry.kind === 'symlink' ? entry.target : undefined);
    if (reason !== undefined) throw new StrongroomError('SOURCE_ENTRY_INVALID', { path: pathToText(path), reason });
    if (entry.kind === 'directory') {
      this.#tree.directory(path, metadata);
      this.#directories += 1;
      await this.#parent?.enter(path);
      return;
    }
    const reserved = this.#tree.reserve(path);
    if (entry.kind === 'symlink') {
      reserved.settle({ kind: 'symlink', name: nameOf(path), metadata, target: entry.target });
      return;
    }
    if ('stream' in entry.content) {
      const builder = new ContentBuilder(this.#context.storeTree);
      const stream = entry.content.stream(this.#context.signal);
      const size = await storeStream(stream, this.#context.chunker, this.#context.pool, builder, (counts) => {
        this.#context.counters.bytesDone += counts.readBytes;
        this.#context.onRead(counts);
      });
      reserved.settle({ kind: 'file', name: nameOf(path), metadata, size, content: builder.finish() });
      this.#stored(size);
      return;
    }
    const { size } = entry.content;
    const content = await this.#parent?.unchanged(path, metadata, size);
    if (content === undefined) {
      await this.#batches.add({ ...entry, content: entry.content } satisfies PlainFile, reserved);
      return;
    }
    reserved.settle({ kind: 'file', name: nameOf(path), metadata, size, content });
    this.#context.counters.bytesDone += size;
    this.#unchangedFiles += 1;
    this.#stored(size);
  }

  #stored(size: number): void {
    this.#files += 1;
    this.#bytes += size;
    this.#context.counters.itemsDone += 1;
  }

  #warn<C extends ErrorCode>(code: C, path: Buffer, details: ErrorDetails<C>): void {
    const { message } = new StrongroomError(code, details);
    this.#context.warnings.add({ code, subject: pathToText(path), message });
  }
}
