/** The tree of an earlier backup, walked beside a new scan, to find what has not changed. */
import type { EntryMetadata } from '../contracts/index.ts';
import type { ChunkSource } from './chunk-source.ts';
import { contentIds } from './content.ts';
import { isDamage } from './damage.ts';
import { readDirectoryEntries, readRoot } from './tree-reader.ts';
import type { Content, TreeEntryRecord } from './tree-codec.ts';

interface OpenParent {
  readonly path: Buffer;
  readonly cursor: Cursor | undefined;
}

/** Follows entries that come in tree order; memory is one chunk of each directory on the path. */
export class ParentTree {
  readonly #chunks: ChunkSource;
  readonly #has: (id: Uint8Array) => boolean;
  readonly #path: OpenParent[];

  private constructor(chunks: ChunkSource, has: (id: Uint8Array) => boolean, root: Content) {
    this.#chunks = chunks;
    this.#has = has;
    this.#path = [{ path: Buffer.alloc(0), cursor: new Cursor(root, chunks) }];
  }

  /**
   * @param has tells whether the repository holds a chunk
   * @returns `undefined` where the root can't be read any more: then everything counts as changed
   */
  static async open(
    root: Uint8Array,
    chunks: ChunkSource,
    has: (id: Uint8Array) => boolean,
  ): Promise<ParentTree | undefined> {
    try {
      return new ParentTree(chunks, has, (await readRoot(root, chunks)).content);
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
  }

  /** Goes into a directory of the new scan; what is asked for next lies in it. */
  async enter(path: Buffer): Promise<void> {
    if (path.length === 0) return;
    const entry = await this.find(path);
    const cursor = entry?.kind === 'directory' ? new Cursor(entry.content, this.#chunks) : undefined;
    this.#path.push({ path, cursor });
  }

  /** The entry of the same path, if there was one. Paths must be asked for in tree order. */
  async find(path: Buffer): Promise<TreeEntryRecord | undefined> {
    const slash = path.lastIndexOf(0x2f);
    const directory = path.subarray(0, Math.max(slash, 0));
    while (this.#path.length > 1 && this.#path.at(-1)?.path.equals(directory) !== true) this.#path.pop();
    return this.#path.at(-1)?.cursor?.find(path.subarray(slash + 1));
  }

  /** The content of a file that has not changed since, if every chunk of it is still there. */
  async unchanged(path: Buffer, metadata: EntryMetadata, size: number): Promise<Content | undefined> {
    const entry = await this.find(path);
    if (entry?.kind !== 'file' || entry.size !== size || !sameFile(entry.metadata, metadata)) return undefined;
    try {
      for await (const id of contentIds(entry.content, this.#chunks)) {
        if (!this.#has(id)) return undefined;
      }
    } catch (error) {
      if (isDamage(error)) return undefined;
      throw error;
    }
    return { depth: entry.content.depth, ids: Uint8Array.from(entry.content.ids) };
  }
}

/** A file is the same when nothing that changes with its content has changed; unknown facts count as changed. */
const sameFile = (before: EntryMetadata, now: EntryMetadata): boolean =>
  now.mtimeNs !== undefined &&
  now.ctimeNs !== undefined &&
  now.inode !== undefined &&
  before.mtimeNs === now.mtimeNs &&
  before.ctimeNs === now.ctimeNs &&
  before.inode === now.inode;

/** Entries of one directory in order, for a caller who asks in the same order. */
class Cursor {
  readonly #batches: AsyncGenerator<readonly TreeEntryRecord[]>;
  #batch: readonly TreeEntryRecord[] = [];
  #at = 0;

  constructor(content: Content, chunks: ChunkSource) {
    this.#batches = readDirectoryEntries(content, chunks);
  }

  async find(name: Buffer): Promise<TreeEntryRecord | undefined> {
    for (;;) {
      const entry = this.#batch[this.#at];
      if (entry === undefined) {
        if (!(await this.#next())) return undefined;
        continue;
      }
      const order = Buffer.compare(entry.name, name);
      if (order > 0) return undefined;
      this.#at += 1;
      if (order === 0) return entry;
    }
  }

  /** False at the end, and where the rest can't be read: then it counts as changed. */
  async #next(): Promise<boolean> {
    try {
      const next = await this.#batches.next();
      if (next.done === true) return false;
      this.#batch = next.value;
      this.#at = 0;
      return true;
    } catch (error) {
      if (isDamage(error)) return false;
      throw error;
    }
  }
}
