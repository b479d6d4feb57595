/** Builds directories bottom-up while entries stream in, in tree order. */
import { type EntryMetadata, pathToText } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { ByteWriter } from './bytes.ts';
import type { Chunker } from './chunker.ts';
import { NodeContent, type StoreTreeChunk } from './node-content.ts';
import { type TreeEntryRecord, writeEntry } from './tree-codec.ts';
import { isDirectlyBelow, nameOf } from './tree-path.ts';

/** An entry whose place in its directory is taken, but whose content may come later. */
export interface ReservedEntry {
  /** Gives the entry; `undefined` leaves it out. Call once. */
  settle(entry: TreeEntryRecord | undefined): void;
}

/** The place of an entry that waits for one before it. */
interface Place {
  settled: boolean;
  /** As `writeEntry` wrote it; none for one that is left out. */
  entry: Uint8Array | undefined;
}

interface OpenDirectory {
  readonly name: Buffer;
  readonly path: Buffer;
  readonly metadata: EntryMetadata;
  readonly content: NodeContent;
  /** In order. */
  readonly waiting: Place[];
  readonly inParent: ReservedEntry | undefined;
  lastName: Buffer | undefined;
  complete: boolean;
}

export class TreeWriter {
  readonly #chunker: Chunker;
  readonly #store: StoreTreeChunk;
  /** The directories on the path to the current entry. */
  readonly #path: OpenDirectory[] = [];
  readonly #writer = new ByteWriter();
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

  /**
   * Adds an entry that has all it needs, as `writeEntry` wrote it; the bytes may be reused afterwards. Throws as `reserve` does.
   */
  add(path: Buffer, entry: Uint8Array): void {
    const directory = this.#place(path);
    if (directory.waiting.length === 0) {
      directory.content.add(entry);
      return;
    }
    directory.waiting.push({ settled: true, entry: Buffer.from(entry) });
    this.#reserved += 1;
  }

  /** Takes the place of an entry; throws `SOURCE_ENTRY_INVALID` where tree order is broken. */
  reserve(path: Buffer): ReservedEntry {
    const directory = this.#place(path);
    const place: Place = { entry: undefined, settled: false };
    directory.waiting.push(place);
    this.#reserved += 1;
    return {
      settle: (entry) => {
        const isNext = directory.waiting[0] === place;
        if (entry !== undefined) place.entry = isNext ? this.#encode(entry) : Buffer.from(this.#encode(entry));
        place.settled = true;
        if (isNext) this.#drain(directory);
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

  /** The directory in which `path` comes next. */
  #place(path: Buffer): OpenDirectory {
    const directory = this.#enter(path);
    const name = nameOf(path);
    if (name.length === 0) throw outOfOrder(path, 'its name is not allowed');
    if (directory.lastName !== undefined && Buffer.compare(directory.lastName, name) >= 0) {
      throw outOfOrder(path, `it comes after ${pathToText(directory.lastName)}`);
    }
    directory.lastName = name;
    return directory;
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
    const { waiting, content } = directory;
    let settled = 0;
    for (; waiting[settled]?.settled === true; settled++) {
      const entry = waiting[settled]?.entry;
      if (entry !== undefined) content.add(entry);
    }
    waiting.splice(0, settled);
    this.#reserved -= settled;
    if (!directory.complete || waiting.length > 0) return;
    directory.complete = false;
    const { name, metadata, inParent } = directory;
    const entry: TreeEntryRecord = { kind: 'directory', name, metadata, content: content.finish() };
    if (inParent !== undefined) inParent.settle(entry);
    else this.#root = Uint8Array.from(this.#store(this.#encode(entry)));
  }

  /** Valid until the next call. */
  #encode(entry: TreeEntryRecord): Uint8Array {
    this.#writer.clear();
    writeEntry(this.#writer, entry);
    return this.#writer.view();
  }
}

const outOfOrder = (path: Buffer, reason: string): StrongroomError =>
  new StrongroomError('SOURCE_ENTRY_INVALID', { path: pathToText(path), reason });
