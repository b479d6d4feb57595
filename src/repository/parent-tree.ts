/** The tree of an earlier backup, walked beside a new scan, to find what has not changed. */
import type { EntryMetadata } from '../contracts/index.ts';
import { MalformedError } from './bytes.ts';
import type { ChunkSource } from './chunk-source.ts';
import { contentIds } from './content.ts';
import { isDamage } from './damage.ts';
import { ID_BYTES } from './format.ts';
import { type Found, MORE, ParentCursor } from './parent-cursor.ts';
import type { Content } from './tree-codec.ts';
import { isDirectlyBelow, nameOf } from './tree-path.ts';
import { readRoot } from './tree-reader.ts';

/** A file of the new scan. */
export interface FileNow {
  readonly path: Buffer;
  readonly metadata: EntryMetadata;
  readonly size: number;
  /** What `writeHead` makes of it. */
  readonly head: Buffer;
}

/** What an earlier backup has of a file that has not changed since. */
export interface Unchanged {
  /** Over memory that nothing else is written to. */
  readonly content: Content;
  /** Its metadata then; `undefined` when its head is the same as now. */
  readonly metadata: EntryMetadata | undefined;
}

/** An answer that is there, or that something must be read for: with a promise for each file, promises would cost more than files. */
type Soon<T> = T | Promise<T>;

interface OpenParent {
  readonly path: Buffer;
  readonly cursor: ParentCursor | undefined;
}

/** Follows entries that come in tree order; memory is one chunk of each directory on the path. */
export class ParentTree {
  readonly #chunks: ChunkSource;
  readonly #has: (id: Uint8Array) => boolean;
  readonly #path: OpenParent[];

  private constructor(chunks: ChunkSource, has: (id: Uint8Array) => boolean, root: Content) {
    this.#chunks = chunks;
    this.#has = has;
    this.#path = [{ path: Buffer.alloc(0), cursor: new ParentCursor(root, chunks) }];
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

  /** Goes into a directory of the new scan; what is asked for next lies in it. Paths must come in tree order. */
  async enter(path: Buffer): Promise<void> {
    if (path.length === 0) return;
    const entry = await this.#find(path, undefined);
    const cursor = entry?.kind === 'directory' ? new ParentCursor(entry.content, this.#chunks) : undefined;
    this.#path.push({ path, cursor });
  }

  /** What there is of a file that has not changed since, if every chunk of it is still there. Paths must come in tree order. */
  unchanged(file: FileNow): Soon<Unchanged | undefined> {
    const found = this.#find(file.path, file.head);
    return found instanceof Promise ? found.then((entry) => this.#judge(entry, file)) : this.#judge(found, file);
  }

  #judge(entry: Found | undefined, { metadata, size }: FileNow): Soon<Unchanged | undefined> {
    if (entry === undefined || entry.kind === 'directory' || entry.kind === 'symlink') return undefined;
    const { content } = entry;
    const before = entry.kind === 'same' ? undefined : entry.metadata;
    if (entry.kind === 'file' && entry.size !== size) return undefined;
    if (!sameFile(before ?? metadata, metadata)) return undefined;
    const unchanged = { content, metadata: before };
    if (content.depth > 0) return this.#hasAll(content).then((all) => (all ? unchanged : undefined));
    const { ids } = content;
    if (ids.length === ID_BYTES) return this.#has(ids) ? unchanged : undefined;
    for (let at = 0; at < ids.length; at += ID_BYTES) {
      if (!this.#has(ids.subarray(at, at + ID_BYTES))) return undefined;
    }
    return unchanged;
  }

  /** The entry of a path, if there was one. */
  #find(path: Buffer, head: Buffer | undefined): Soon<Found | undefined> {
    let top = this.#path.at(-1);
    while (this.#path.length > 1 && top !== undefined && !isDirectlyBelow(top.path, path)) {
      this.#path.pop();
      top = this.#path.at(-1);
    }
    const cursor = top?.cursor;
    if (cursor === undefined) return undefined;
    const name = nameOf(path);
    const found = cursor.find(name, head);
    return found === MORE ? readOn(cursor, name, head) : found;
  }

  async #hasAll(content: Content): Promise<boolean> {
    try {
      for await (const id of contentIds(content, this.#chunks)) if (!this.#has(id)) return false;
      return true;
    } catch (error) {
      if (isDamage(error) || error instanceof MalformedError) return false;
      throw error;
    }
  }
}

async function readOn(cursor: ParentCursor, name: Buffer, head: Buffer | undefined): Promise<Found | undefined> {
  for (;;) {
    await cursor.more();
    const found = cursor.find(name, head);
    if (found !== MORE) return found;
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
