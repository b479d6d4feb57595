/** One source of a backup: its entries become a tree. */
import {
  type EntryMetadata,
  type FileContent,
  pathToText,
  type SourceEntry,
  type SourceYield,
} from '../contracts/index.ts';
import { type ErrorCode, type ErrorDetails, StrongroomError } from '../errors.ts';
import { ByteWriter } from './bytes.ts';
import type { Chunker } from './chunker.ts';
import { ContentBuilder } from './content.ts';
import { FileBatches, type PlainFile } from './file-batches.ts';
import { toHex } from './hashing.ts';
import type { LanePool } from './lane-pool.ts';
import type { LaneCounts } from './lane-protocol.ts';
import type { StoreTreeChunk } from './node-content.ts';
import { inParallel } from './parallel.ts';
import type { ParentTree, Unchanged } from './parent-tree.ts';
import { type RunCounters, throwIfCancelled, type Warnings } from './run-control.ts';
import { StreamStore } from './stream-store.ts';
import { type EntryHead, refusedAttributes, refusedPart, writeEntryContent, writeHead } from './tree-codec.ts';
import { nameOf } from './tree-path.ts';
import { type ReservedEntry, TreeWriter } from './tree-writer.ts';

/** What the sources of a backup share. */
export interface SourceWriterContext {
  readonly chunker: Chunker;
  readonly pool: LanePool;
  readonly storeTree: StoreTreeChunk;
  readonly signal: AbortSignal;
  readonly counters: RunCounters;
  readonly warnings: Warnings;
  /** Answers a promise while the storage target is behind, which lasts until it has caught up. */
  readonly breathe: () => Promise<void> | undefined;
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

/** A stream that is to be read, and its place. */
interface WaitingStream {
  readonly entry: SourceEntry;
  readonly content: StreamContent;
  readonly reserved: ReservedEntry;
}
type StreamContent = Extract<FileContent, { readonly stream: unknown }>;

/** Entries that wait for one before them in their directory; more would mean that memory grows with the backup. */
const MOST_WAITING = 65_536;

export class SourceWriter {
  readonly #context: SourceWriterContext;
  readonly #parent: ParentTree | undefined;
  readonly #tree: TreeWriter;
  readonly #batches: FileBatches;
  readonly #streams: StreamStore;
  #waitingStreams: WaitingStream[] = [];
  readonly #entry = new ByteWriter();
  #files = 0;
  #unchangedFiles = 0;
  #directories = 0;
  #bytes = 0;

  /** @param parent the same source in an earlier backup; files that have not changed since are not read */
  constructor(context: SourceWriterContext, parent: ParentTree | undefined) {
    this.#context = context;
    this.#parent = parent;
    this.#tree = new TreeWriter(context.chunker, context.storeTree);
    this.#streams = new StreamStore(context.chunker, context.pool, (counts) => {
      context.counters.bytesDone += counts.readBytes;
      context.onRead(counts);
    });
    this.#batches = new FileBatches(context.pool, {
      newContent: () => new ContentBuilder(context.storeTree),
      onCounts: context.onRead,
      onBytes: (bytes) => void (context.counters.bytesDone += bytes),
      onStored: (size) => this.#stored(size),
      warn: (code, path, details) => this.#warn(code, path, details),
    });
  }

  /**
   * Stores everything; throws what makes the backup pointless.
   * @param streamsAtOnce how many streams that come together may be read at once
   */
  async write(entries: AsyncIterable<SourceYield>, streamsAtOnce = 1): Promise<SourceTotals> {
    for await (const next of entries) {
      throwIfCancelled(this.#context.signal);
      for (const entry of isSeveral(next) ? next : [next]) {
        const more = this.#take(entry);
        if (more !== undefined) await this.#waitFor(more, entry);
        if (this.#tree.waiting > MOST_WAITING) await this.#waitFor(this.#batches.settle(), entry);
        const behind = this.#context.breathe();
        if (behind !== undefined) await this.#waitFor(behind, entry);
      }
      if (this.#waitingStreams.length > 0) await this.#readStreams(streamsAtOnce);
      const last = isSeveral(next) ? next.at(-1) : next;
      if (last !== undefined) this.#context.counters.currentItem = pathToText(last.path);
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

  /** Whoever looks meanwhile sees which entry is waited for. */
  async #waitFor(work: Promise<void>, { path }: SourceEntry): Promise<void> {
    this.#context.counters.currentItem = pathToText(path);
    await work;
    throwIfCancelled(this.#context.signal);
  }

  /** Takes an entry in; answers a promise only where something must be waited for, which costs more than most entries do. */
  #take(entry: SourceEntry): Promise<void> | undefined {
    const { path, metadata } = entry;
    const name = nameOf(path);
    const reason = refusedPart(name, metadata, entry.kind === 'symlink' ? entry.target : undefined);
    if (reason !== undefined) throw new StrongroomError('SOURCE_ENTRY_INVALID', { path: pathToText(path), reason });
    if (entry.kind === 'directory') {
      this.#tree.directory(path, metadata);
      this.#directories += 1;
      return this.#parent?.enter(path);
    }
    if (entry.kind === 'symlink') {
      this.#tree.add(path, this.#head({ kind: 'symlink', name, metadata, target: entry.target }));
      return undefined;
    }
    const { content } = entry;
    if ('stream' in content) {
      this.#waitingStreams.push({ entry, content, reserved: this.#tree.reserve(path) });
      return undefined;
    }
    const file = { ...entry, content };
    if (this.#parent === undefined) return this.#changed(file);
    const { size } = content;
    const head = this.#head({ kind: 'file', name, metadata, size });
    const before = this.#parent.unchanged({ path, metadata, size, head });
    if (before instanceof Promise) return before.then((answer) => this.#file(file, answer));
    return this.#file(file, before);
  }

  #file(file: PlainFile, before: Unchanged | undefined): Promise<void> | undefined {
    if (before === undefined) return this.#changed(file);
    const { path, content } = file;
    const { size } = content;
    if (before.metadata !== undefined) {
      const { metadata } = withAttributes(file, before.metadata.extendedAttributes);
      this.#head({ kind: 'file', name: nameOf(path), metadata, size });
    }
    writeEntryContent(this.#entry, before.content);
    this.#tree.add(path, this.#entry.view());
    this.#context.counters.bytesDone += size;
    this.#unchangedFiles += 1;
    this.#stored(size);
    return undefined;
  }

  #changed(file: PlainFile): Promise<void> | undefined {
    const reserved = this.#tree.reserve(file.path);
    return this.#batches.add(whole(file), reserved);
  }

  /** Reads the streams that wait, the largest first, so that none of them is left alone at the end; the first error ends them all. */
  async #readStreams(atOnce: number): Promise<void> {
    const waiting = this.#waitingStreams.toSorted((a, b) => (b.content.size ?? 0) - (a.content.size ?? 0));
    this.#waitingStreams = [];
    const end = new AbortController();
    const signal = AbortSignal.any([this.#context.signal, end.signal]);
    let first: { readonly error: unknown } | undefined;
    await inParallel(atOnce, waiting, async (stream) => {
      try {
        await this.#readStream(stream, signal);
      } catch (error) {
        // Those that end because of it must not speak in its place.
        first ??= { error };
        end.abort();
        throw first.error;
      }
    });
  }

  async #readStream({ entry, content, reserved }: WaitingStream, signal: AbortSignal): Promise<void> {
    throwIfCancelled(signal);
    const { path, metadata } = entry;
    this.#context.counters.currentItem = pathToText(path);
    const builder = new ContentBuilder(this.#context.storeTree);
    const size = await this.#streams.store(content.stream(signal), builder);
    reserved.settle({ kind: 'file', name: nameOf(path), metadata, size, content: builder.finish() });
    this.#stored(size);
    await this.#context.breathe();
  }

  /** The beginning of an entry in `#entry`, valid until the next one. */
  #head(head: EntryHead): Buffer {
    this.#entry.clear();
    writeHead(this.#entry, head);
    return this.#entry.view();
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

const isSeveral = (next: SourceYield): next is readonly SourceEntry[] => Array.isArray(next);

/** A file with the attributes that its source has not read yet. */
function whole(file: PlainFile): PlainFile {
  const attributes = file.attributes?.();
  if (attributes === undefined) return file;
  if (attributes === null) {
    const { ctimeNs: _, ...metadata } = file.metadata;
    return { ...file, metadata };
  }
  const reason = refusedAttributes(attributes);
  if (reason !== undefined) throw new StrongroomError('SOURCE_ENTRY_INVALID', { path: pathToText(file.path), reason });
  return withAttributes(file, attributes);
}

function withAttributes(file: PlainFile, extendedAttributes: EntryMetadata['extendedAttributes']): PlainFile {
  if (file.attributes === undefined || extendedAttributes === undefined) return file;
  return { ...file, metadata: { ...file.metadata, extendedAttributes } };
}
