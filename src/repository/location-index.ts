/**
 * Where chunks lie, compactly: parallel typed arrays that grow by doubling, an open-addressing table over them.
 * 44 bytes a chunk and 8 for its table slots, 17 a block, 33 a pack.
 */
import { asBuffer } from './bytes.ts';
import { ID_BYTES, type PackKind } from './format.ts';
import { toHex } from './hashing.ts';
import type { PackEntry } from './index-object.ts';
import type { BlockDescription } from './pack-layout.ts';
import { HEADER_FIXED } from './sealing.ts';

/** One pack. */
export interface PackLocation {
  /** In hexadecimal. */
  readonly id: string;
  readonly kind: PackKind;
  readonly envelope: Uint8Array;
}

/** One block, in its pack. Lengths and offsets in bytes. */
export interface BlockLocation {
  /** Number of the block among all in this index. */
  readonly block: number;
  readonly pack: PackLocation;
  /** Position in the pack: its sequence when sealed. */
  readonly sequence: number;
  /** Of the sealed block in the pack. */
  readonly offset: number;
  readonly storedLength: number;
  readonly rawLength: number;
  readonly codec: number;
}

/** One chunk, in its block. */
export interface ChunkLocation {
  readonly block: number;
  /** Of the chunk in the opened block. */
  readonly offset: number;
  readonly length: number;
}

export class LocationIndex {
  #ids = new Uint8Array(0);
  /** For each chunk: block, offset, length. */
  #chunks = new Uint32Array(0);
  #chunkCount = 0;
  #slots = new Uint32Array(0);
  /** For each block: pack, offset, stored length, raw length, sequence. */
  #blocks = new Uint32Array(0);
  #codecs = new Uint8Array(0);
  #blockCount = 0;
  readonly #packs: PackLocation[] = [];
  readonly #packNumbers = new Map<string, number>();

  get size(): number {
    return this.#chunkCount;
  }

  get blockCount(): number {
    return this.#blockCount;
  }

  /** Ids of the packs known, in hexadecimal. */
  packIds(): IterableIterator<string> {
    return this.#packNumbers.keys();
  }

  hasPack(id: string): boolean {
    return this.#packNumbers.has(id);
  }

  /** Adds what a pack holds. Chunks known already keep their first place. A pack known already is left as it is. */
  addPack({ id, kind, envelope }: PackEntry, blocks: Iterable<BlockDescription>): void {
    const name = toHex(id);
    if (this.#packNumbers.has(name)) return;
    // A description that turns out to be malformed must not leave half a pack behind.
    const described = [...blocks];
    const pack = this.#packs.length;
    this.#packs.push({ id: name, kind, envelope: Uint8Array.from(envelope) });
    this.#packNumbers.set(name, pack);
    let offset = HEADER_FIXED + envelope.length;
    let sequence = 0;
    for (const description of described) {
      const block = this.#addBlock(pack, offset, sequence, description);
      let at = 0;
      description.chunkLengths.forEach((length, index) => {
        this.#addChunk(description.chunkIds.subarray(index * ID_BYTES, (index + 1) * ID_BYTES), block, at, length);
        at += length;
      });
      offset += description.storedLength;
      sequence += 1;
    }
  }

  find(id: Uint8Array): ChunkLocation | undefined {
    if (this.#chunkCount === 0) return undefined;
    const chunk = (this.#slots[this.#slotOf(id)] as number) - 1;
    if (chunk < 0) return undefined;
    return {
      block: this.#chunks[chunk * 3] as number,
      offset: this.#chunks[chunk * 3 + 1] as number,
      length: this.#chunks[chunk * 3 + 2] as number,
    };
  }

  block(block: number): BlockLocation {
    if (block >= this.#blockCount) throw new RangeError(`There is no block ${block}.`);
    const at = block * 5;
    const pack = this.#packs[this.#blocks[at] as number];
    if (pack === undefined) throw new RangeError(`Block ${block} has no pack.`);
    return {
      block,
      pack,
      offset: this.#blocks[at + 1] as number,
      storedLength: this.#blocks[at + 2] as number,
      rawLength: this.#blocks[at + 3] as number,
      sequence: this.#blocks[at + 4] as number,
      codec: this.#codecs[block] as number,
    };
  }

  /** The chunks that are found in a block, in order. Copies, so they stay valid. */
  chunksOf(block: number): { readonly id: Uint8Array; readonly offset: number; readonly length: number }[] {
    const chunks = [];
    for (
      let chunk = this.#firstChunkOf(block);
      this.#chunks[chunk * 3] === block && chunk < this.#chunkCount;
      chunk++
    ) {
      chunks.push({
        id: this.#ids.slice(chunk * ID_BYTES, (chunk + 1) * ID_BYTES),
        offset: this.#chunks[chunk * 3 + 1] as number,
        length: this.#chunks[chunk * 3 + 2] as number,
      });
    }
    return chunks;
  }

  /** Chunks are numbered in the order of their blocks, so the first is found by bisection. */
  #firstChunkOf(block: number): number {
    let low = 0;
    let high = this.#chunkCount;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#chunks[middle * 3] as number) < block) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** Every chunk's id in the order added; the buffer given is reused. */
  *chunkIds(): Generator<Uint8Array> {
    for (let chunk = 0; chunk < this.#chunkCount; chunk++) {
      yield this.#ids.subarray(chunk * ID_BYTES, (chunk + 1) * ID_BYTES);
    }
  }

  #addBlock(pack: number, offset: number, sequence: number, description: BlockDescription): number {
    const block = this.#blockCount++;
    if (this.#blockCount * 5 > this.#blocks.length) {
      this.#blocks = grown(this.#blocks, Uint32Array, 5 * 256);
      this.#codecs = grown(this.#codecs, Uint8Array, 256);
    }
    this.#blocks.set([pack, offset, description.storedLength, description.rawLength, sequence], block * 5);
    this.#codecs[block] = description.codec;
    return block;
  }

  #addChunk(id: Uint8Array, block: number, offset: number, length: number): void {
    if (this.#chunkCount * 2 >= this.#slots.length) this.#rehash();
    const slot = this.#slotOf(id);
    if (this.#slots[slot] !== 0) return;
    const chunk = this.#chunkCount++;
    if (this.#chunkCount * 3 > this.#chunks.length) {
      this.#chunks = grown(this.#chunks, Uint32Array, 3 * 1024);
      this.#ids = grown(this.#ids, Uint8Array, ID_BYTES * 1024);
    }
    this.#ids.set(id, chunk * ID_BYTES);
    this.#chunks.set([block, offset, length], chunk * 3);
    this.#slots[slot] = chunk + 1;
  }

  /** The slot that holds the id, or the free one where it belongs. */
  #slotOf(id: Uint8Array): number {
    const mask = this.#slots.length - 1;
    let slot = firstWord(id) & mask;
    for (;;) {
      const chunk = (this.#slots[slot] as number) - 1;
      if (chunk < 0 || this.#isAt(chunk, id)) return slot;
      slot = (slot + 1) & mask;
    }
  }

  #isAt(chunk: number, id: Uint8Array): boolean {
    const at = chunk * ID_BYTES;
    for (let byte = 0; byte < ID_BYTES; byte++) {
      if (this.#ids[at + byte] !== id[byte]) return false;
    }
    return true;
  }

  #rehash(): void {
    this.#slots = new Uint32Array(Math.max(2048, this.#slots.length * 2));
    for (let chunk = 0; chunk < this.#chunkCount; chunk++) {
      this.#slots[this.#slotOf(this.#ids.subarray(chunk * ID_BYTES, (chunk + 1) * ID_BYTES))] = chunk + 1;
    }
  }
}

const firstWord = (id: Uint8Array): number => asBuffer(id).readUInt32LE(0);

function grown<A extends Uint8Array | Uint32Array>(array: A, make: new (length: number) => A, least: number): A {
  const larger = new make(Math.max(least, array.length * 2));
  larger.set(array);
  return larger;
}
