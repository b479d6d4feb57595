/** Which packs a snapshot needs, found while its trees are walked. */
import type { BlockLocation, LocationIndex } from './location-index.ts';

/** A pack with the blocks of it that are needed, in order. */
export interface NeededPack {
  readonly id: string;
  readonly blocks: readonly BlockLocation[];
}

/** The blocks of one pack are numbered one after another. */
interface PackBlocks {
  readonly first: number;
  readonly count: number;
  missing: number;
}

/**
 * Takes blocks as they turn out to be needed, and hands out packs: one whose every block is needed at once, so that it can be read
 * while the walk goes on; the others when the walk has ended.
 */
export class NeededPacks {
  readonly #index: LocationIndex;
  readonly #packs = new Map<string, PackBlocks>();
  #bits = new Uint8Array(0);
  readonly #ready: NeededPack[] = [];
  #handedPacks = 0;
  #handedBytes = 0;
  #ended = false;
  #failure: { readonly error: unknown } | undefined;
  #wake: () => void = () => undefined;

  constructor(index: LocationIndex) {
    this.#index = index;
  }

  /** Packs and bytes of sealed blocks handed out. */
  get handedOut(): { readonly packs: number; readonly bytes: number } {
    return { packs: this.#handedPacks, bytes: this.#handedBytes };
  }

  need(block: number): void {
    if (block >> 3 >= this.#bits.length) this.#grow();
    const bits = this.#bits[block >> 3] ?? 0;
    const bit = 1 << (block & 7);
    if ((bits & bit) !== 0) return;
    this.#bits[block >> 3] = bits | bit;
    const { id } = this.#index.block(block).pack;
    const pack = this.#packs.get(id) ?? this.#measure(id, block);
    pack.missing -= 1;
    if (pack.missing === 0) this.#hand(id, pack);
  }

  /** All that is needed is known. */
  end(): void {
    for (const [id, pack] of this.#packs) if (pack.missing > 0) this.#hand(id, pack);
    this.#packs.clear();
    this.#ended = true;
    this.#wake();
  }

  /** Ends the packs with an error. */
  fail(error: unknown): void {
    this.#failure = { error };
    this.#ended = true;
    this.#wake();
  }

  /** The packs as they become known; throws what `fail` was told. */
  async *[Symbol.asyncIterator](): AsyncGenerator<NeededPack> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      const pack = this.#ready.shift();
      if (pack !== undefined) yield pack;
      else if (this.#ended) return;
      else await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  #hand(id: string, { first, count }: PackBlocks): void {
    const blocks: BlockLocation[] = [];
    for (let number = first; number < first + count; number++) {
      if (((this.#bits[number >> 3] ?? 0) & (1 << (number & 7))) === 0) continue;
      const block = this.#index.block(number);
      blocks.push(block);
      this.#handedBytes += block.storedLength;
    }
    this.#handedPacks += 1;
    this.#ready.push({ id, blocks });
    this.#wake();
  }

  #measure(id: string, block: number): PackBlocks {
    const first = block - this.#index.block(block).sequence;
    let end = block + 1;
    while (end < this.#index.blockCount && this.#index.block(end).pack.id === id) end += 1;
    const pack = { first, count: end - first, missing: end - first };
    this.#packs.set(id, pack);
    return pack;
  }

  #grow(): void {
    const larger = new Uint8Array(Math.ceil(this.#index.blockCount / 8));
    larger.set(this.#bits);
    this.#bits = larger;
  }
}
