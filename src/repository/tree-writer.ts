/** Builds directories bottom-up while entries stream in, in tree order. */
import { type EntryMetadata, pathToText } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { ByteWriter } from './bytes.ts';
import type { Chunker } from './chunker.ts';
import { ContentBuilder } from './content.ts';
import { type Content, isName, type TreeEntryRecord, writeEntry } from './tree-codec.ts';

/** Keeps bytes as a chunk of a tree pack and returns the chunk's id; the bytes may be reused afterwards. */
export type StoreTreeChunk = (bytes: Uint8Array) => Uint8Array;

/** An entry whose place in its directory is taken, but whose content may come later. */
export interface ReservedEntry {
  /** Gives the entry; `undefined` leaves it out. Call once. */
  settle(entry: TreeEntryRecord | undefined): void;
}

interface OpenDirectory {
  readonly name: Buffer;
  readonly path: Buffer;
  readonly metadata: EntryMetadata;
  readonly content: NodeContent;
  /** Entries in order that wait for one before them. */
  readonly waiting: { entry: TreeEntryRecord | undefined; settled: boolean }[];
  readonly inParent: ReservedEntry | undefined;
  lastName: Buffer | undefined;
  complete: boolean;
}

export class TreeWriter {
  readonly #chunker: Chunker;
  readonly #store: StoreTreeChunk;
  /** The directories on the path to the current entry. */
  readonly #path: OpenDirectory[] = [];
  #reserved = 0;
  #root: Uint8Array | undefined;

  constructor(chunker: Chunker, store: StoreTreeChunk) {
    this.#chunker = chunker;
    this.#store = store;
  }

  /** Entries that are not in their directory yet. */
  get waiting(): number {
    return this.#reserved;
  }

  /** Opens a directory: entries that follow with paths below it go into it. */
  directory(path: Buffer, metadata: EntryMetadata): void {
    if (this.#path.length === 0) {
      if (path.length > 0 || this.#root !== undefined) throw outOfOrder(path, 'the root directory comes first');
      this.#path.push(this.#open(Buffer.alloc(0), path, metadata, undefined));
      return;
    }
    const reserved = this.reserve(path);
    this.#path.push(this.#open(nameOf(path), path, metadata, reserved));
  }

  /** Takes the place of an entry; throws `SOURCE_ENTRY_INVALID` where tree order is broken. */
  reserve(path: Buffer): ReservedEntry {
    const directory = this.#enter(path);
    const name = nameOf(path);
    if (name.length === 0 || !isName(name)) throw outOfOrder(path, 'its name is not allowed');
    if (directory.lastName !== undefined && Buffer.compare(directory.lastName, name) >= 0) {
      throw outOfOrder(path, `it comes after ${pathToText(directory.lastName)}`);
    }
    directory.lastName = name;
    const place = { entry: undefined as TreeEntryRecord | undefined, settled: false };
    directory.waiting.push(place);
    this.#reserved += 1;
    return {
      settle: (entry) => {
        place.entry = entry;
        place.settled = true;
        this.#drain(directory);
      },
    };
  }

  /** Closes all directories. The root is known when the last reserved entry is settled. */
  finish(): void {
    while (this.#path.length > 0) this.#close();
  }

  /** Id of the chunk that holds the root entry, once everything is settled. */
  get root(): Uint8Array | undefined {
    return this.#root;
  }

  #open(name: Buffer, path: Buffer, metadata: EntryMetadata, inParent: ReservedEntry | undefined): OpenDirectory {
    const content = new NodeContent(this.#chunker, this.#store);
    return { name, path, metadata, content, waiting: [], inParent, lastName: undefined, complete: false };
  }

  /** Closes directories until the top one is the parent of `path`. */
  #enter(path: Buffer): OpenDirectory {
    for (;;) {
      const top = this.#path.at(-1);
      if (top === undefined) throw outOfOrder(path, 'its directory did not come before it');
      if (isDirectlyBelow(top.path, path)) return top;
      if (this.#path.length === 1) throw outOfOrder(path, 'its directory did not come before it');
      this.#close();
    }
  }

  #close(): void {
    const directory = this.#path.pop();
    if (directory === undefined) return;
    directory.complete = true;
    this.#drain(directory);
  }

  #drain(directory: OpenDirectory): void {
    let settled = 0;
    while (directory.waiting[settled]?.settled === true) settled += 1;
    for (const { entry } of directory.waiting.splice(0, settled)) {
      this.#reserved -= 1;
      if (entry !== undefined) directory.content.add(entry);
    }
    if (!directory.complete || directory.waiting.length > 0) return;
    directory.complete = false;
    const { name, metadata } = directory;
    const entry: TreeEntryRecord = { kind: 'directory', name, metadata, content: directory.content.finish() };
    if (directory.inParent !== undefined) {
      directory.inParent.settle(entry);
      return;
    }
    const root = new ByteWriter();
    writeEntry(root, entry);
    this.#root = Uint8Array.from(this.#store(root.view()));
  }
}

/** The entries of one directory on their way into chunks. */
class NodeContent {
  readonly #chunker: Chunker;
  readonly #store: StoreTreeChunk;
  readonly #builder: ContentBuilder;
  #writer = new ByteWriter(512);

  constructor(chunker: Chunker, store: StoreTreeChunk) {
    this.#chunker = chunker;
    this.#store = store;
    this.#builder = new ContentBuilder(store);
  }

  add(entry: TreeEntryRecord): void {
    writeEntry(this.#writer, entry);
    if (this.#writer.length >= 2 * this.#chunker.parameters.max) this.#cut(this.#chunker.parameters.max);
  }

  finish(): Content {
    this.#cut(1);
    return this.#builder.finish();
  }

  /** Cuts chunks as long as `least` bytes are there, so that cuts do not depend on when this is called. */
  #cut(least: number): void {
    const bytes = this.#writer.view();
    let at = 0;
    while (bytes.length - at >= least) {
      const length = this.#chunker.cut(bytes, at, bytes.length);
      this.#builder.add(this.#store(bytes.subarray(at, at + length)));
      at += length;
    }
    const rest = new ByteWriter(Math.max(512, bytes.length - at));
    rest.bytes(bytes.subarray(at));
    this.#writer = rest;
  }
}

const SLASH = 0x2f;

/** The last segment of a path. */
export const nameOf = (path: Buffer): Buffer => path.subarray(path.lastIndexOf(SLASH) + 1);

/** True when `path` is an entry of the directory at `directory`. */
function isDirectlyBelow(directory: Buffer, path: Buffer): boolean {
  const slash = path.lastIndexOf(SLASH);
  if (slash <= 0) return slash < 0 && directory.length === 0 && path.length > 0;
  return slash === directory.length && path.compare(directory, 0, slash, 0, slash) === 0;
}

const outOfOrder = (path: Buffer, reason: string): StrongroomError =>
  new StrongroomError('SOURCE_ENTRY_INVALID', { path: pathToText(path), reason });
