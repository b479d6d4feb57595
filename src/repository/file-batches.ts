/** Plain files on their way through the lanes: grouped, sent, and settled in their directories as answers come. */
import { pathToText, type SourceEntry } from '../contracts/index.ts';
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { ContentBuilder } from './content.ts';
import { ID_BYTES, limits } from './format.ts';
import type { LanePool } from './lane-pool.ts';
import type { AnswerTo, FileToStore, LaneCounts, LaneMessage, StoredFile } from './lane-protocol.ts';
import type { Content } from './tree-codec.ts';
import { nameOf } from './tree-path.ts';
import type { ReservedEntry } from './tree-writer.ts';

/** A batch goes out with this many bytes or files; large enough that messages cost nothing, small enough to keep all lanes busy. */
const BATCH_BYTES = 4 * 2 ** 20;
const BATCH_FILES = 256;

type FileEntry = Extract<SourceEntry, { readonly kind: 'file' }>;
export type PlainFile = FileEntry & { readonly content: { readonly file: Buffer; readonly size: number } };

/** What the batches tell whoever keeps count. */
export interface FileEvents {
  readonly newContent: () => ContentBuilder;
  readonly onCounts: (counts: LaneCounts) => void;
  /** Bytes of a file dealt with. */
  readonly onBytes: (bytes: number) => void;
  /** A file is stored, with its size. */
  readonly onStored: (size: number) => void;
  readonly warn: <C extends ErrorCode>(code: C, path: Buffer, details: ErrorDetails<C>) => void;
}

interface WaitingFile {
  readonly entry: PlainFile;
  readonly reserved: ReservedEntry;
  /** Made when ids come ahead of the answer. */
  content: ContentBuilder | undefined;
  bytesReported: number;
}

export class FileBatches {
  readonly #pool: LanePool;
  readonly #events: FileEvents;
  #batch: WaitingFile[] = [];
  #batchBytes = 0;
  readonly #outstanding = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | undefined;

  constructor(pool: LanePool, events: FileEvents) {
    this.#pool = pool;
    this.#events = events;
  }

  /** Takes a file. Answers a promise when a batch is full, which lasts while the lanes have enough to do. */
  add(entry: PlainFile, reserved: ReservedEntry): Promise<void> | undefined {
    this.#batch.push({ entry, reserved, content: undefined, bytesReported: 0 });
    this.#batchBytes += entry.content.size;
    return this.#batchBytes >= BATCH_BYTES || this.#batch.length >= BATCH_FILES ? this.#send() : undefined;
  }

  /** Resolves when every file taken is stored; throws what went wrong. */
  async settle(): Promise<void> {
    await this.#send();
    await Promise.all(this.#outstanding);
    this.#throwFailure();
  }

  async #send(): Promise<void> {
    this.#throwFailure();
    const files = this.#batch;
    if (files.length === 0) return;
    this.#batch = [];
    this.#batchBytes = 0;
    const { answer } = await this.#pool.submit(
      { kind: 'storeFiles', files: files.map(({ entry }) => toStore(entry)) },
      [],
      (ids) => this.#ahead(files[ids.file], ids),
    );
    const run: Promise<void> = answer
      .then((result) => this.#settleFiles(files, result))
      .catch((error: unknown) => void (this.#failure ??= { error }))
      .finally(() => this.#outstanding.delete(run));
    this.#outstanding.add(run);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  #ahead(file: WaitingFile | undefined, ids: Extract<LaneMessage, { readonly kind: 'ids' }>): void {
    if (file === undefined) return;
    if (ids.restart) {
      file.content = undefined;
      return;
    }
    file.content ??= this.#events.newContent();
    file.content.add(ids.ids);
    file.bytesReported += ids.bytes;
    this.#events.onBytes(ids.bytes);
  }

  #settleFiles(files: readonly WaitingFile[], { files: results, counts }: AnswerTo<'storeFiles'>): void {
    this.#events.onCounts(counts);
    files.forEach((file, index) => {
      const result = results[index];
      if (result !== undefined) this.#settleFile(file, result);
    });
  }

  #settleFile({ entry, reserved, content, bytesReported }: WaitingFile, result: StoredFile): void {
    if (result.status !== 'stored') {
      const path = pathToText(entry.path);
      if (result.status === 'vanished') this.#events.warn('SOURCE_FILE_VANISHED', entry.path, { path });
      else this.#events.warn('SOURCE_FILE_UNREADABLE', entry.path, { path, reason: result.reason });
      reserved.settle(undefined);
      return;
    }
    if (result.torn) this.#events.warn('SOURCE_FILE_CHANGED', entry.path, { path: pathToText(entry.path) });
    const { seen } = result;
    const metadata =
      seen === undefined ? entry.metadata : { ...entry.metadata, mtimeNs: seen.mtimeNs, inode: seen.inode };
    const { size } = result;
    const stored = this.#finish(content, result.ids);
    reserved.settle({ kind: 'file', name: nameOf(entry.path), metadata, size, content: stored });
    this.#events.onBytes(Math.max(0, size - bytesReported));
    this.#events.onStored(size);
  }

  /** Most files are few chunks, whose ids need no folding. */
  #finish(ahead: ContentBuilder | undefined, ids: Uint8Array): Content {
    if (ahead === undefined && ids.length <= limits.contentIds * ID_BYTES) return { depth: 0, ids };
    const builder = ahead ?? this.#events.newContent();
    builder.add(ids);
    return builder.finish();
  }
}

const toStore = ({ content, metadata }: PlainFile): FileToStore => ({
  path: content.file,
  size: content.size,
  mtimeNs: metadata.mtimeNs,
  inode: metadata.inode,
});
