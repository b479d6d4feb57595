/** A lane's way in: files and streams become chunks, new chunks go into packs. */
import { closeSync, constants, fstatSync, openSync, readlinkSync, readSync } from 'node:fs';
import { asBuffer, ByteWriter } from './bytes.ts';
import type { ChunkSet } from './chunk-table.ts';
import type { Chunker } from './chunker.ts';
import { ID_BYTES, limits } from './format.ts';
import type { KeyedHasher } from './hashing.ts';
import type { AnswerTo, FileToStore, StoredFile } from './lane-protocol.ts';
import type { PackWriter } from './pack-writer.ts';

/** Ids of a long file, handed over before it is finished. */
export interface IdsAhead {
  readonly file: number;
  readonly ids: Uint8Array;
  readonly restart: boolean;
  /** Bytes of the file read since the last report. */
  readonly bytes: number;
}

/** Reading never follows a link in the last place and never waits for a pipe that took a file's place. */
const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

export class FileStore {
  readonly #chunker: Chunker;
  readonly #hasher: KeyedHasher;
  readonly #known: ChunkSet;
  readonly #packs: PackWriter;
  readonly #buffer: Buffer;
  readonly #ids = new ByteWriter(limits.contentIds * ID_BYTES);
  #readBytes = 0;
  #addedBytes = 0;

  constructor(chunker: Chunker, hasher: KeyedHasher, known: ChunkSet, packs: PackWriter) {
    this.#chunker = chunker;
    this.#hasher = hasher;
    this.#known = known;
    this.#packs = packs;
    this.#buffer = Buffer.allocUnsafeSlow(2 * chunker.parameters.max);
  }

  files(files: readonly FileToStore[], ahead: (ids: IdsAhead) => void): AnswerTo<'storeFiles'> {
    this.#readBytes = 0;
    this.#addedBytes = 0;
    const stored = files.map((file, index) =>
      this.#file(file, (ids, restart, bytes) => ahead({ file: index, ids, restart, bytes })),
    );
    return { kind: 'storeFiles', files: inOneBuffer(stored), counts: this.#counts() };
  }

  /** Chunks of a stream, cut by the coordinator. */
  chunks(bytes: Uint8Array, lengths: readonly number[]): AnswerTo<'storeChunks'> {
    this.#readBytes = bytes.length;
    this.#addedBytes = 0;
    this.#ids.clear();
    let at = 0;
    for (const length of lengths) {
      this.#chunk(bytes.subarray(at, at + length));
      at += length;
    }
    return { kind: 'storeChunks', ids: Uint8Array.from(this.#ids.view()), counts: this.#counts() };
  }

  #counts(): { readBytes: number; addedBytes: number } {
    return { readBytes: this.#readBytes, addedBytes: this.#addedBytes };
  }

  #file(file: FileToStore, ahead: (ids: Uint8Array, restart: boolean, bytes: number) => void): StoredFile {
    let descriptor: number;
    try {
      descriptor = openSync(asBuffer(file.path), OPEN_FLAGS);
    } catch (error) {
      return unreadable(error);
    }
    try {
      const other = somethingElse(descriptor, file);
      if (other !== undefined) return other;
      const first = this.#readOnce(descriptor, file.size, (ids, bytes) => ahead(ids, false, bytes));
      const after = fstatSync(descriptor, { bigint: true });
      const same =
        Number(after.size) === file.size &&
        (file.mtimeNs === undefined || after.mtimeNs === file.mtimeNs) &&
        (file.inode === undefined || after.ino === file.inode);
      if (same && first === file.size) return this.#stored(first);
      // It is not as the source saw it: read it again, and see whether it holds still this time.
      ahead(new Uint8Array(0), true, 0);
      const size = this.#readOnce(descriptor, Number(after.size), (ids, bytes) => ahead(ids, false, bytes));
      const last = fstatSync(descriptor, { bigint: true });
      const torn = last.mtimeNs !== after.mtimeNs || Number(last.size) !== size;
      const seen = { mtimeNs: last.mtimeNs, size, inode: last.ino };
      return { ...this.#stored(size), seen, torn };
    } catch (error) {
      return unreadable(error);
    } finally {
      closeSync(descriptor);
    }
  }

  #stored(size: number): Extract<StoredFile, { status: 'stored' }> {
    return { status: 'stored', size, ids: Buffer.from(this.#ids.view()), torn: false };
  }

  /** Reads from the start to the end, leaving the last ids in `#ids`; returns the bytes read. */
  #readOnce(descriptor: number, expected: number, ahead: (ids: Uint8Array, bytes: number) => void): number {
    const { max } = this.#chunker.parameters;
    const buffer = this.#buffer;
    this.#ids.clear();
    let position = 0;
    let reported = 0;
    let filled = 0;
    for (let atEnd = false; !atEnd;) {
      while (filled < buffer.length) {
        const count = readSync(descriptor, buffer, filled, buffer.length - filled, position);
        filled += count;
        position += count;
        // At the expected end no further read is made: whoever called sees by the file's state whether it grew.
        atEnd = count === 0 || position === expected;
        if (atEnd) break;
      }
      let start = 0;
      while (atEnd ? start < filled : filled - start >= max) {
        const length = this.#chunker.cut(buffer, start, filled);
        this.#chunk(buffer.subarray(start, start + length));
        start += length;
      }
      buffer.copyWithin(0, start, filled);
      filled -= start;
      if (this.#ids.length >= limits.contentIds * ID_BYTES || position - reported >= REPORT_BYTES) {
        ahead(Uint8Array.from(this.#ids.view()), position - reported);
        reported = position;
        this.#ids.clear();
      }
    }
    this.#readBytes += position;
    return position;
  }

  #chunk(bytes: Uint8Array): void {
    const id = this.#hasher.hash(bytes);
    this.#ids.bytes(id);
    if (!this.#known.add(id)) return;
    this.#packs.add(id, bytes);
    this.#addedBytes += bytes.length;
  }
}

/** The same with all ids in one buffer, as each buffer of a message costs more than a file's ids. */
function inOneBuffer(files: readonly StoredFile[]): StoredFile[] {
  const all = Buffer.concat(files.map((file) => (file.status === 'stored' ? file.ids : Buffer.alloc(0))));
  let at = 0;
  return files.map((file) => {
    if (file.status !== 'stored') return file;
    const start = at;
    at += file.ids.length;
    return { ...file, ids: all.subarray(start, at) };
  });
}

/** A long file reports its progress this often. */
const REPORT_BYTES = 64 * 2 ** 20;

/**
 * What to say where something else has taken the file's place that the source would not have handed over: no plain file, or one that
 * a folder on the way leads to which has become a link. A file that was merely replaced by another is still in its place.
 */
function somethingElse(descriptor: number, file: FileToStore): StoredFile | undefined {
  const now = fstatSync(descriptor, { bigint: true });
  if (!now.isFile()) return { status: 'unreadable', reason: 'it is no plain file any more' };
  if (file.inode === undefined || now.ino === file.inode || process.platform !== 'linux') return undefined;
  const place = readlinkSync(`/proc/self/fd/${descriptor}`, { encoding: 'buffer' });
  return place.equals(asBuffer(file.path)) ? undefined : { status: 'vanished' };
}

function unreadable(error: unknown): StoredFile {
  const code = error instanceof Error && 'code' in error ? String(error.code) : undefined;
  if (code === 'ENOENT') return { status: 'vanished' };
  // A read error belongs to the file; anything without a code of the operating system is a defect.
  if (code === undefined || !/^E[A-Z0-9]+$/.test(code)) throw error;
  return { status: 'unreadable', reason: error instanceof Error ? (error.message.split(',')[0] ?? code) : code };
}
