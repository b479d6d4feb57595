/**
 * Where chunks lie, compactly: tables of ids, which lanes read to deduplicate, and columns of numbers beside them. 50 bytes a chunk,
 * 9 a block, 62 and the envelope a pack: 65 a chunk where each is a block of its own and 16 fill a pack.
 */
import type { PackKind } from './format.ts';
import { toHex } from './hashing.ts';
import { GrowingIdTable, ID_WORDS, idBytes, IdScratch, type IdTableMemory, PRESENT, readWords } from './id-table.ts';
import type { PackEntry } from './index-object.ts';
import { packLength, readDirectory } from './pack-layout.ts';
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

/** A pack and the length that it has if it is whole. */
export interface PackExtent {
  readonly id: Buffer;
  readonly length: number;
}

export class LocationIndex {
  readonly #overhead: number;
  readonly #chunkIds = new GrowingIdTable();
  /** For each chunk: block, offset, length. */
  #chunks = new Uint32Array(0);
  /** For each block: offset, raw length. Its sealed bytes reach to the next one. */
  #blocks = new Uint32Array(0);
  #codecs = new Uint8Array(0);
  #blockCount = 0;
  readonly #packIds = new GrowingIdTable();
  /** For each pack: first block, where the last one ends, whole length, kind, where its envelope begins and ends. */
  #packs = new Uint32Array(0);
  #envelopes = new Uint8Array(0);
  #envelopeBytes = 0;
  /** Packs with a chunk that another one holds too. */
  readonly #contested = new Set<number>();
  readonly #scratch = new IdScratch();
  readonly #words = new Int32Array(ID_WORDS);
  #lastPack: { readonly number: number; readonly pack: PackLocation } | undefined;

  /** @param overhead bytes that each seal adds */
  constructor(overhead = 0) {
    this.#overhead = overhead;
  }

  get size(): number {
    return this.#chunkIds.count;
  }

  get blockCount(): number {
    return this.#blockCount;
  }

  /** The chunks' ids for other threads, complete as long as no further pack is added. */
  get chunkIds(): IdTableMemory {
    return this.#chunkIds.memory;
  }

  hasPack(id: Uint8Array): boolean {
    return this.#packIds.find(this.#scratch.of(id)) >= 0;
  }

  /**
   * Makes room for so many more chunks at once; without it room is made by doubling. What is not needed in the end takes no memory:
   * the system gives pages as they are written to.
   */
  reserve(chunks: number): void {
    const needed = this.size + chunks;
    this.#chunkIds.reserve(needed);
    this.#chunks = roomFor(this.#chunks, needed * CHUNK_FIELDS);
    this.#blocks = roomFor(this.#blocks, (this.#blockCount + chunks) * BLOCK_FIELDS);
    this.#codecs = roomFor(this.#codecs, this.#blockCount + chunks);
  }

  /**
   * Adds what a pack holds. Chunks known already keep their first place. A pack known already is left as it is. Throws
   * `MalformedError` for a directory that breaks a rule of the format; nothing is added then.
   */
  addPack(entry: PackEntry): void {
    const { id, kind, envelope, directory } = entry;
    if (this.hasPack(id)) return;
    const totals = readDirectory(directory);
    let offset = HEADER_FIXED + envelope.length;
    const blocksEnd = offset + totals.storedLength;
    this.#addPack(id, kind, envelope, blocksEnd, packLength(entry, totals, this.#overhead));
    let at = 0;
    readDirectory(directory, {
      block: (codec, rawLength, storedLength) => {
        this.#addBlock(offset, rawLength, codec);
        offset += storedLength;
        at = 0;
      },
      chunk: (bytes, idAt, length) => {
        readWords(bytes, idAt, this.#words);
        this.#addChunk(this.#words, at, length);
        at += length;
      },
    });
  }

  find(id: Uint8Array): ChunkLocation | undefined {
    const chunk = this.#chunkIds.find(this.#scratch.of(id));
    return chunk < 0 ? undefined : this.#chunk(chunk);
  }

  block(block: number): BlockLocation {
    if (block >= this.#blockCount) throw new RangeError(`There is no block ${block}.`);
    const pack = this.#packOf(block);
    const offset = this.#blocks[block * BLOCK_FIELDS] as number;
    const isLast = block + 1 === this.#blockCount || this.#packOf(block + 1) !== pack;
    const end = isLast ? this.#packs[pack * PACK_FIELDS + 1] : this.#blocks[(block + 1) * BLOCK_FIELDS];
    return {
      block,
      pack: this.#pack(pack),
      offset,
      storedLength: (end as number) - offset,
      rawLength: this.#blocks[block * BLOCK_FIELDS + 1] as number,
      sequence: block - (this.#packs[pack * PACK_FIELDS] as number),
      codec: this.#codecs[block] as number,
    };
  }

  /** The chunks that are found in a block, in order. Copies, so they stay valid. */
  chunksOf(block: number): { readonly id: Uint8Array; readonly offset: number; readonly length: number }[] {
    const chunks = [];
    for (let chunk = this.#firstChunkOf(block); chunk < this.size; chunk++) {
      const { block: of, offset, length } = this.#chunk(chunk);
      if (of !== block) break;
      this.#chunkIds.read(chunk, this.#words);
      chunks.push({ id: idBytes(this.#words), offset, length });
    }
    return chunks;
  }

  /** Every pack. */
  *packs(): Generator<PackExtent> {
    for (let pack = 0; pack < this.#packIds.count; pack++) yield this.#extent(pack);
  }

  /** Packs with a chunk that another one holds too. */
  contested(): PackExtent[] {
    return [...this.#contested].map((pack) => this.#extent(pack));
  }

  #chunk(chunk: number): ChunkLocation {
    const at = chunk * CHUNK_FIELDS;
    return {
      block: this.#chunks[at] as number,
      offset: this.#chunks[at + 1] as number,
      length: this.#chunks[at + 2] as number,
    };
  }

  #extent(pack: number): PackExtent {
    this.#packIds.read(pack, this.#words);
    return { id: idBytes(this.#words), length: this.#packs[pack * PACK_FIELDS + 2] as number };
  }

  /** Blocks of one pack are asked for one after another. */
  #pack(number: number): PackLocation {
    if (this.#lastPack?.number === number) return this.#lastPack.pack;
    const at = number * PACK_FIELDS;
    const pack = {
      id: toHex(this.#extent(number).id),
      kind: this.#packs[at + 3] as PackKind,
      envelope: this.#envelopes.slice(this.#packs[at + 4], this.#packs[at + 5]),
    };
    this.#lastPack = { number, pack };
    return pack;
  }

  /** Chunks are numbered in the order of their blocks. */
  #firstChunkOf(block: number): number {
    return bisect(this.size, (chunk) => (this.#chunks[chunk * CHUNK_FIELDS] as number) >= block);
  }

  /** Blocks are numbered in the order of their packs. */
  #packOf(block: number): number {
    return bisect(this.#packIds.count, (pack) => (this.#packs[pack * PACK_FIELDS] as number) > block) - 1;
  }

  #addPack(id: Uint8Array, kind: PackKind, envelope: Uint8Array, blocksEnd: number, length: number): void {
    const pack = this.#packIds.add(this.#scratch.of(id));
    const end = this.#envelopeBytes + envelope.length;
    this.#envelopes = roomFor(this.#envelopes, end);
    this.#envelopes.set(envelope, this.#envelopeBytes);
    const at = pack * PACK_FIELDS;
    this.#packs = roomFor(this.#packs, at + PACK_FIELDS);
    this.#packs.set([this.#blockCount, blocksEnd, length, kind, this.#envelopeBytes, end], at);
    this.#envelopeBytes = end;
  }

  #addBlock(offset: number, rawLength: number, codec: number): void {
    const at = this.#blockCount * BLOCK_FIELDS;
    this.#blocks = roomFor(this.#blocks, at + BLOCK_FIELDS);
    this.#codecs = roomFor(this.#codecs, this.#blockCount + 1);
    this.#blocks[at] = offset;
    this.#blocks[at + 1] = rawLength;
    this.#codecs[this.#blockCount] = codec;
    this.#blockCount += 1;
  }

  /** Adds a chunk of the newest block. */
  #addChunk(id: Int32Array, offset: number, length: number): void {
    const chunk = this.#chunkIds.add(id);
    if (chunk === PRESENT) {
      this.#contest(this.#chunk(this.#chunkIds.find(id)).block);
      return;
    }
    const at = chunk * CHUNK_FIELDS;
    this.#chunks = roomFor(this.#chunks, at + CHUNK_FIELDS);
    this.#chunks[at] = this.#blockCount - 1;
    this.#chunks[at + 1] = offset;
    this.#chunks[at + 2] = length;
  }

  /** The newest pack holds a chunk that lies in this block too. */
  #contest(block: number): void {
    const first = this.#packOf(block);
    const newest = this.#packIds.count - 1;
    if (first !== newest) this.#contested.add(first).add(newest);
  }
}

const CHUNK_FIELDS = 3;
const BLOCK_FIELDS = 2;
const PACK_FIELDS = 6;

/** The first of the numbers below `count` for which `isBeyond` holds, or `count`; it holds for all that follow one. */
function bisect(count: number, isBeyond: (number: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBeyond(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** The array, or a copy twice as long or more where `length` does not fit. */
function roomFor<A extends Uint8Array | Uint32Array>(array: A, length: number): A {
  if (length <= array.length) return array;
  const larger = new (array.constructor as new (length: number) => A)(Math.max(length, 1024, array.length * 2));
  larger.set(array);
  return larger;
}
