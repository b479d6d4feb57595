/** Directories of packs as lists of blocks. */
import { ByteWriter } from '../../src/repository/bytes.ts';
import { type BlockDescription, readDirectory, writeBlockDescription } from '../../src/repository/pack-layout.ts';

export function encodeDirectory(blocks: readonly BlockDescription[]): Buffer {
  const writer = new ByteWriter();
  writer.varint(blocks.length);
  for (const block of blocks) writeBlockDescription(writer, block);
  return writer.view();
}

/** The blocks that a directory names; throws `MalformedError`. */
export function blocksOf(directory: Uint8Array): BlockDescription[] {
  const blocks: { codec: number; rawLength: number; storedLength: number; ids: Buffer[]; chunkLengths: number[] }[] =
    [];
  readDirectory(directory, {
    block: (codec, rawLength, storedLength) =>
      void blocks.push({ codec, rawLength, storedLength, ids: [], chunkLengths: [] }),
    chunk: ({ buffer, byteOffset }, at, length) => {
      blocks.at(-1)?.ids.push(Buffer.from(new Uint8Array(buffer, byteOffset + at, 32)));
      blocks.at(-1)?.chunkLengths.push(length);
    },
  });
  return blocks.map(({ ids, ...block }) => ({ ...block, chunkIds: Buffer.concat(ids) }));
}
