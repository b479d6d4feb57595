/** The entries of one directory of an earlier backup in order, for a caller who asks in the same order. */
import { ByteReader, EndError, MalformedError } from './bytes.ts';
import type { ChunkSource } from './chunk-source.ts';
import { contentIds } from './content.ts';
import { isDamage } from './damage.ts';
import { type Content, LONGEST_ENTRY, readEntry, readEntryContent, type TreeEntryRecord } from './tree-codec.ts';
import { startsWith } from './tree-path.ts';

/** What was found: an entry, or only the content of one whose head is the very same. */
export type Found = TreeEntryRecord | { readonly kind: 'same'; readonly content: Content };

/** Answered where the directory must be read further first. */
export const MORE = Symbol('more');

/** Memory is one chunk of the directory. What can't be read counts as not there. */
export class ParentCursor {
  readonly #chunks: ChunkSource;
  readonly #ids: AsyncGenerator<Uint8Array>;
  #bytes: Buffer = Buffer.alloc(0);
  #at = 0;
  /** The entry at `#at`, once it was decoded, and where it ends. */
  #next: { readonly entry: TreeEntryRecord; readonly end: number } | undefined;
  #over = false;

  constructor(content: Content, chunks: ChunkSource) {
    this.#chunks = chunks;
    this.#ids = contentIds(content, chunks);
  }

  /**
   * The entry called `name`; names must be asked for in order.
   * @param head of the entry as it is now: where the next one begins with the same bytes it is not decoded
   */
  find(name: Buffer, head: Buffer | undefined): Found | typeof MORE | undefined {
    try {
      return (head === undefined ? undefined : this.#same(head)) ?? this.#search(name);
    } catch (error) {
      if (error instanceof EndError && !this.#over && this.#bytes.length - this.#at <= LONGEST_ENTRY) return MORE;
      if (!(error instanceof MalformedError)) throw error;
      this.#end();
      return undefined;
    }
  }

  /** Reads on; to be called when `find` asks for it. */
  async more(): Promise<void> {
    try {
      const next = await this.#ids.next();
      if (next.done === true) {
        this.#over = true;
        return;
      }
      this.#bytes = Buffer.concat([this.#bytes.subarray(this.#at), await this.#chunks.chunk(next.value)]);
      this.#at = 0;
    } catch (error) {
      if (!isDamage(error) && !(error instanceof MalformedError)) throw error;
      this.#end();
    }
  }

  #same(head: Buffer): Found | undefined {
    if (!startsWith(this.#bytes, this.#at, head)) return undefined;
    const reader = new ByteReader(this.#bytes, this.#at + head.length);
    const content = readEntryContent(reader);
    this.#pass(reader.offset);
    return { kind: 'same', content };
  }

  #search(name: Buffer): Found | typeof MORE | undefined {
    for (;;) {
      if (this.#at === this.#bytes.length) return this.#over ? undefined : MORE;
      const { entry, end } = (this.#next ??= this.#decode());
      const order = Buffer.compare(entry.name, name);
      if (order > 0) return undefined;
      this.#pass(end);
      if (order === 0) return entry;
    }
  }

  #decode(): { readonly entry: TreeEntryRecord; readonly end: number } {
    const reader = new ByteReader(this.#bytes, this.#at);
    return { entry: readEntry(reader), end: reader.offset };
  }

  #pass(end: number): void {
    this.#at = end;
    this.#next = undefined;
  }

  #end(): void {
    this.#over = true;
    this.#pass(this.#bytes.length);
  }
}
