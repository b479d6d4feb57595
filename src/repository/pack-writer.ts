/** Fills packs: collects chunks into blocks, compresses and seals them, and hands over each pack when it is full. */
import { copyBytes, release } from '../contracts/index.ts';
import type { Codecs, EncodedBlock } from './codecs.ts';
import { asBuffer, ByteWriter } from './bytes.ts';
import { ID_BYTES, limits, type PackKind } from './format.ts';
import { hashBytes } from './hashing.ts';
import { PACK_MAGIC, TRAILER_BYTES, writeBlockDescription, writeTrailer } from './pack-layout.ts';
import { HEADER_MAX, ObjectSealer, type SealingContext } from './sealing.ts';

/** A finished pack. */
export interface Pack {
  readonly kind: PackKind;
  readonly id: Uint8Array;
  /** The whole object. */
  readonly bytes: Uint8Array;
  /** The envelope of its header and its directory in plain, for the index. */
  readonly envelope: Uint8Array;
  readonly directory: Uint8Array;
}

export interface PackSizes {
  /** A pack is closed once it is this long. */
  readonly packSize: number;
  /** A block holds chunks of at most this many bytes together, or one longer chunk. */
  readonly blockSize: number;
}

/** Bytes a buffer needs so that any pack fits; see `OWN_MAPPING`. */
export const packCapacity = (sizes: PackSizes): number =>
  Math.max(OWN_MAPPING, HEADER_MAX + sizes.packSize + limits.blockRaw + 4096 + DIRECTORY_BYTES + TRAILER_BYTES);

/**
 * glibc gives an allocation of more than 32 MiB (its `DEFAULT_MMAP_THRESHOLD_MAX`) a mapping of its own: of such a buffer only what was
 * written to takes memory, and all of it goes back when it is freed. A smaller one is cleared as a whole and kept.
 */
const OWN_MAPPING = 33 * 2 ** 20;

/** Shorter chunks share their block, and its seal, whatever they are. */
const ALONE_FROM = 64 * 2 ** 10;

/** Chunks are closed off long before the format's limit, so that a directory stays small beside its pack. */
const MOST_CHUNKS = 16_384;
/** A pack that is nearly full takes one more block, which must fit too. */
const MOST_BLOCK_CHUNKS = 16_384;
/** An id and a length for each chunk, and at most 12 bytes for each of as many blocks. */
const DIRECTORY_BYTES = (MOST_CHUNKS + MOST_BLOCK_CHUNKS) * (ID_BYTES + 4 + 12) + 4096;

export class PackWriter {
  readonly #kind: PackKind;
  readonly #sealing: SealingContext;
  readonly #codecs: Codecs;
  readonly #sizes: PackSizes;
  readonly #takeBuffer: () => Buffer;
  readonly #deliver: (pack: Pack) => void;

  readonly #block: Buffer;
  #blockLength = 0;
  #blockIds = new ByteWriter(ID_BYTES * 64);
  #blockLengths: number[] = [];

  #open: { readonly buffer: Buffer; readonly sealer: ObjectSealer; length: number } | undefined;
  readonly #directory = new ByteWriter(64 * 1024);
  #blocks = 0;
  #chunks = 0;

  /**
   * @param takeBuffer gives a buffer of `packCapacity` bytes that is the pack's until it is delivered
   * @param deliver gets each finished pack, whose `bytes` lie in that buffer
   */
  constructor(
    kind: PackKind,
    sealing: SealingContext,
    codecs: Codecs,
    sizes: PackSizes,
    takeBuffer: () => Buffer,
    deliver: (pack: Pack) => void,
  ) {
    this.#kind = kind;
    this.#sealing = sealing;
    this.#codecs = codecs;
    this.#sizes = sizes;
    this.#takeBuffer = takeBuffer;
    this.#deliver = deliver;
    this.#block = Buffer.allocUnsafeSlow(sizes.blockSize);
  }

  /** Adds a chunk. `bytes` may be reused as soon as this returns. */
  add(id: Uint8Array, bytes: Uint8Array): void {
    const { blockSize } = this.#sizes;
    // What can't be compressed gains nothing from company, and spares being copied.
    if (bytes.length >= ALONE_FROM && !this.#codecs.mayGain(bytes)) {
      this.#writeBlock({ codec: 0, bytes }, bytes, id, [bytes.length]);
      return;
    }
    if (bytes.length >= blockSize) {
      this.#writeBlock(this.#codecs.encode(bytes), bytes, id, [bytes.length]);
      return;
    }
    if (this.#blockLength + bytes.length > blockSize) this.#closeBlock();
    copyBytes(asBuffer(bytes), this.#block, this.#blockLength);
    this.#blockLength += bytes.length;
    this.#blockIds.bytes(id);
    this.#blockLengths.push(bytes.length);
    if (this.#blockLengths.length >= MOST_BLOCK_CHUNKS) this.#closeBlock();
  }

  /** Delivers what is left. The writer may be used again afterwards. */
  flush(): void {
    this.#closeBlock();
    if (this.#open !== undefined) this.#closePack();
  }

  #closeBlock(): void {
    if (this.#blockLengths.length === 0) return;
    const raw = this.#block.subarray(0, this.#blockLength);
    this.#writeBlock(this.#codecs.encode(raw), raw, this.#blockIds.view(), this.#blockLengths);
    this.#blockLength = 0;
    this.#blockIds.clear();
    this.#blockLengths = [];
  }

  #writeBlock(
    { codec, bytes }: EncodedBlock,
    raw: Uint8Array,
    chunkIds: Uint8Array,
    chunkLengths: readonly number[],
  ): void {
    const pack = (this.#open ??= this.#openPack());
    const storedLength = pack.sealer.seal(bytes, this.#blocks, pack.buffer.subarray(pack.length));
    release(bytes, raw);
    pack.length += storedLength;
    writeBlockDescription(this.#directory, { codec, rawLength: raw.length, storedLength, chunkIds, chunkLengths });
    this.#blocks += 1;
    this.#chunks += chunkLengths.length;
    if (pack.length >= this.#sizes.packSize || this.#chunks >= MOST_CHUNKS) this.#closePack();
  }

  #openPack(): { buffer: Buffer; sealer: ObjectSealer; length: number } {
    const buffer = this.#takeBuffer();
    const sealer = new ObjectSealer(this.#sealing, PACK_MAGIC, this.#kind);
    buffer.set(sealer.header, 0);
    return { buffer, sealer, length: sealer.header.length };
  }

  #closePack(): void {
    const pack = this.#open;
    if (pack === undefined) return;
    const directory = new ByteWriter(this.#directory.length + 8);
    directory.varint(this.#blocks);
    directory.bytes(this.#directory.view());
    const sealed = pack.sealer.seal(directory.view(), this.#blocks, pack.buffer.subarray(pack.length));
    const end = writeTrailer(pack.buffer, pack.length + sealed, sealed, this.#blocks);
    const bytes = pack.buffer.subarray(0, end);
    this.#open = undefined;
    this.#directory.clear();
    this.#blocks = 0;
    this.#chunks = 0;
    const { envelope } = pack.sealer;
    this.#deliver({ kind: this.#kind, id: hashBytes(bytes), bytes, envelope, directory: directory.view() });
  }
}
