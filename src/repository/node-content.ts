/** The entries of one directory on their way into chunks. */
import { ByteWriter } from './bytes.ts';
import type { Chunker } from './chunker.ts';
import { ContentBuilder } from './content.ts';
import type { Content } from './tree-codec.ts';

/** Keeps bytes as a chunk of a tree pack and returns the chunk's id; the bytes may be reused afterwards. */
export type StoreTreeChunk = (bytes: Uint8Array) => Uint8Array;

export class NodeContent {
  readonly #chunker: Chunker;
  readonly #store: StoreTreeChunk;
  readonly #builder: ContentBuilder;
  #writer = new ByteWriter(512);

  constructor(chunker: Chunker, store: StoreTreeChunk) {
    this.#chunker = chunker;
    this.#store = store;
    this.#builder = new ContentBuilder(store);
  }

  /** Adds one entry as `writeEntry` wrote it. */
  add(entry: Uint8Array): void {
    this.#writer.bytes(entry);
    if (this.#writer.length >= 2 * this.#chunker.parameters.max)
      this.#keepRest(this.#cut(this.#chunker.parameters.max));
  }

  finish(): Content {
    this.#cut(1);
    return this.#builder.finish();
  }

  /** Cuts chunks as long as `least` bytes are there, so that cuts do not depend on when this is called; answers where it ended. */
  #cut(least: number): number {
    const bytes = this.#writer.view();
    let at = 0;
    while (bytes.length - at >= least) {
      const length = this.#chunker.cut(bytes, at, bytes.length);
      this.#builder.add(this.#store(bytes.subarray(at, at + length)));
      at += length;
    }
    return at;
  }

  #keepRest(from: number): void {
    const rest = this.#writer.view().subarray(from);
    this.#writer = new ByteWriter(Math.max(512, rest.length));
    this.#writer.bytes(rest);
  }
}
