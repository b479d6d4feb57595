/** Lists of chunk ids, folded so that memory does not grow with a file (docs/format.md, "Content"). */
import { MalformedError } from './bytes.ts';
import type { ChunkSource } from './chunk-source.ts';
import { ID_BYTES, limits } from './format.ts';
import type { Content } from './tree-codec.ts';

/** Collects the ids of a content in order. */
export class ContentBuilder {
  /** One list for each depth; the first holds ids of the content's own chunks. */
  readonly #levels: { readonly ids: Buffer; count: number }[] = [];
  readonly #store: (bytes: Uint8Array) => Uint8Array;

  /** @param store keeps a folded list as a tree chunk and returns its id; `bytes` may be reused afterwards */
  constructor(store: (bytes: Uint8Array) => Uint8Array) {
    this.#store = store;
  }

  add(ids: Uint8Array): void {
    for (let at = 0; at < ids.length; at += ID_BYTES) this.#push(0, ids.subarray(at, at + ID_BYTES));
  }

  /** The finished content. The builder must not be used afterwards. */
  finish(): Content {
    let depth = 0;
    for (; depth < this.#levels.length - 1; depth++) this.#fold(depth);
    const top = this.#levels[depth];
    if (top === undefined) return { depth: 0, ids: new Uint8Array(0) };
    return { depth, ids: top.ids.subarray(0, top.count * ID_BYTES) };
  }

  #push(depth: number, id: Uint8Array): void {
    const level = (this.#levels[depth] ??= { ids: Buffer.alloc(FIRST * ID_BYTES), count: 0 });
    if (level.count === limits.contentIds) this.#fold(depth);
    const room = this.#room(depth);
    room.ids.set(id, room.count * ID_BYTES);
    room.count += 1;
  }

  /** The level, with room for one more id. */
  #room(depth: number): { readonly ids: Buffer; count: number } {
    const level = this.#levels[depth];
    if (level === undefined) throw new RangeError(`There is no level ${depth}.`);
    if ((level.count + 1) * ID_BYTES <= level.ids.length) return level;
    const ids = Buffer.alloc(Math.min(level.ids.length * 4, limits.contentIds * ID_BYTES));
    level.ids.copy(ids);
    const larger = { ids, count: level.count };
    this.#levels[depth] = larger;
    return larger;
  }

  #fold(depth: number): void {
    const level = this.#levels[depth];
    if (level === undefined || level.count === 0) return;
    if (depth === limits.contentDepth) throw new RangeError('A content is too long for the format.');
    const id = this.#store(level.ids.subarray(0, level.count * ID_BYTES));
    level.count = 0;
    this.#push(depth + 1, id);
  }
}

const FIRST = 4;

/** The ids of a content's own chunks in order, over memory that is not used again. */
export async function* contentIds(content: Content, chunks: ChunkSource): AsyncGenerator<Uint8Array> {
  if (content.depth === 0) {
    for (let at = 0; at < content.ids.length; at += ID_BYTES) yield content.ids.subarray(at, at + ID_BYTES);
    return;
  }
  for (let at = 0; at < content.ids.length; at += ID_BYTES) {
    const list = Buffer.from(await chunks.chunk(content.ids.subarray(at, at + ID_BYTES)));
    if (list.length % ID_BYTES !== 0 || list.length > limits.contentIds * ID_BYTES) {
      throw new MalformedError(0, 'a folded list has a wrong length');
    }
    yield* contentIds({ depth: content.depth - 1, ids: list }, chunks);
  }
}
