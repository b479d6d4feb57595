/** The bytes of a pack around its blocks: directory and trailer (docs/format.md, "Packs"). */
import { ByteReader, type ByteWriter, MalformedError } from './bytes.ts';
import { ID_BYTES, limits } from './format.ts';
import type { PackEntry } from './index-object.ts';
import { HEADER_FIXED } from './sealing.ts';

export const PACK_MAGIC = 'SRPK';
export const TRAILER_BYTES = 16;
const TRAILER_MAGIC = Buffer.from('KPRS1\0\0\0', 'latin1');

/** One block as the directory describes it. Lengths in bytes. */
export interface BlockDescription {
  readonly codec: number;
  readonly rawLength: number;
  readonly storedLength: number;
  /** 32 bytes for each chunk, in the order in which they lie in the block. */
  readonly chunkIds: Uint8Array;
  readonly chunkLengths: readonly number[];
}

/** Appends one block to a directory that is being written. */
export function writeBlockDescription(writer: ByteWriter, block: BlockDescription): void {
  writer.u8(block.codec);
  writer.varint(block.rawLength);
  writer.varint(block.storedLength);
  writer.varint(block.chunkLengths.length);
  block.chunkLengths.forEach((length, index) => {
    writer.bytes(block.chunkIds.subarray(index * ID_BYTES, (index + 1) * ID_BYTES));
    writer.varint(length);
  });
}

/** What a reader of a directory is told, in order: each block, then each of its chunks. Lengths in bytes. */
export interface DirectoryVisitor {
  block(codec: number, rawLength: number, storedLength: number): void;
  /** `bytes` from `at` on are the chunk's id. */
  chunk(bytes: DataView, at: number, length: number): void;
}

/** What a directory comes to. */
export interface DirectoryTotals {
  readonly blocks: number;
  readonly chunks: number;
  /** Bytes of all sealed blocks. */
  readonly storedLength: number;
}

/**
 * Reads a directory; throws `MalformedError` where it breaks a rule of the format. As that may be at its end, whoever must not be
 * told half of one reads it twice, first without a visitor. Nothing is made for each chunk: indexes have millions.
 */
export function readDirectory(directory: Uint8Array, visitor?: DirectoryVisitor): DirectoryTotals {
  const reader = new ByteReader(directory);
  const bytes = new DataView(directory.buffer, directory.byteOffset, directory.byteLength);
  const blocks = reader.varint(limits.packChunks);
  let chunks = 0;
  let stored = 0;
  for (let block = 0; block < blocks; block++) {
    const codec = reader.u8();
    const rawLength = reader.varint(limits.blockRaw);
    const storedLength = reader.varint(limits.packBytes);
    const chunkCount = reader.varint(limits.packChunks);
    chunks += chunkCount;
    stored += storedLength;
    if (chunks > limits.packChunks) throw new MalformedError(reader.offset, 'it names too many chunks');
    if (stored > limits.packBytes) throw new MalformedError(reader.offset, 'its blocks are longer than a pack may be');
    visitor?.block(codec, rawLength, storedLength);
    let total = 0;
    for (let chunk = 0; chunk < chunkCount; chunk++) {
      const id = reader.skip(ID_BYTES);
      const length = reader.varint(limits.blockRaw);
      total += length;
      visitor?.chunk(bytes, id, length);
    }
    if (total !== rawLength) throw new MalformedError(reader.offset, 'the chunks do not fill their block');
  }
  if (reader.remaining > 0) throw new MalformedError(reader.offset, 'something follows its end');
  return { blocks, chunks, storedLength: stored };
}

/** Length of a whole pack. @param overhead bytes that each seal adds */
export const packLength = (
  { envelope, directory }: Pick<PackEntry, 'envelope' | 'directory'>,
  { storedLength }: DirectoryTotals,
  overhead: number,
): number => HEADER_FIXED + envelope.length + storedLength + directory.length + overhead + TRAILER_BYTES;

/** The last bytes of a pack. */
export function writeTrailer(out: Buffer, at: number, directoryLength: number, blocks: number): number {
  out.writeUInt32LE(directoryLength, at);
  out.writeUInt32LE(blocks, at + 4);
  out.set(TRAILER_MAGIC, at + 8);
  return at + TRAILER_BYTES;
}

export interface Trailer {
  /** Sealed length of the directory. */
  readonly directoryLength: number;
  readonly blocks: number;
}

/** Reads the last 16 bytes of a pack; throws `MalformedError`. */
export function readTrailer(bytes: Uint8Array): Trailer {
  const reader = new ByteReader(bytes);
  const directoryLength = reader.u32();
  const blocks = reader.u32();
  if (!reader.bytes(8).equals(TRAILER_MAGIC)) throw new MalformedError(8, 'it has no end mark');
  if (directoryLength > limits.packBytes || blocks > limits.packChunks) {
    throw new MalformedError(0, 'its directory is too long');
  }
  return { directoryLength, blocks };
}
