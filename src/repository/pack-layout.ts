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

/** Reads a directory's blocks in order; throws `MalformedError` where it breaks a rule of the format. */
export function* readDirectory(directory: Uint8Array): Generator<BlockDescription> {
  const reader = new ByteReader(directory);
  const count = reader.varint(limits.packChunks);
  let chunks = 0;
  for (let block = 0; block < count; block++) {
    const codec = reader.u8();
    const rawLength = reader.varint(limits.blockRaw);
    const storedLength = reader.varint(limits.packBytes);
    const chunkCount = reader.varint(limits.packChunks);
    chunks += chunkCount;
    if (chunks > limits.packChunks) throw new MalformedError(reader.offset, 'it names too many chunks');
    if (chunkCount * (ID_BYTES + 1) > reader.remaining) throw new MalformedError(reader.offset, 'it ends too early');
    const chunkIds = Buffer.allocUnsafeSlow(chunkCount * ID_BYTES);
    const chunkLengths: number[] = [];
    let total = 0;
    for (let chunk = 0; chunk < chunkCount; chunk++) {
      reader.bytes(ID_BYTES).copy(chunkIds, chunk * ID_BYTES);
      const length = reader.varint(limits.blockRaw);
      chunkLengths.push(length);
      total += length;
    }
    if (total !== rawLength) throw new MalformedError(reader.offset, 'the chunks do not fill their block');
    yield { codec, rawLength, storedLength, chunkIds, chunkLengths };
  }
  if (reader.remaining > 0) throw new MalformedError(reader.offset, 'something follows its end');
}

/** Length of a whole pack with these blocks. @param overhead bytes that each seal adds */
export const packLength = (
  { envelope, directory }: Pick<PackEntry, 'envelope' | 'directory'>,
  blocks: readonly BlockDescription[],
  overhead: number,
): number =>
  HEADER_FIXED +
  envelope.length +
  blocks.reduce((sum, { storedLength }) => sum + storedLength, 0) +
  directory.length +
  overhead +
  TRAILER_BYTES;

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
