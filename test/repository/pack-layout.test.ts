import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter, MalformedError } from '../../src/repository/bytes.ts';
import {
  type BlockDescription,
  readDirectory,
  readTrailer,
  TRAILER_BYTES,
  writeTrailer,
} from '../../src/repository/pack-layout.ts';
import { blocksOf, encodeDirectory } from '../support/pack-directories.ts';

const block: fc.Arbitrary<BlockDescription> = fc
  .record({
    codec: fc.nat({ max: 255 }),
    storedLength: fc.nat({ max: 2 ** 20 }),
    chunks: fc.array(fc.tuple(fc.uint8Array({ minLength: 32, maxLength: 32 }), fc.nat({ max: 10_000 })), {
      maxLength: 20,
    }),
  })
  .map(({ codec, storedLength, chunks }) => ({
    codec,
    storedLength,
    rawLength: chunks.reduce((sum, [, length]) => sum + length, 0),
    chunkIds: Buffer.concat(chunks.map(([id]) => id)),
    chunkLengths: chunks.map(([, length]) => length),
  }));

/** Reads to the end; anything but a refusal of the format is a defect. */
function readOrRefuse(bytes: Uint8Array): BlockDescription[] | 'refused' {
  try {
    return blocksOf(bytes);
  } catch (error) {
    expect(error).toBeInstanceOf(MalformedError);
    return 'refused';
  }
}

describe('the directory of a pack', () => {
  it('comes back as it was written', () => {
    fc.assert(
      fc.property(fc.array(block, { maxLength: 20 }), (blocks) => {
        const directory = encodeDirectory(blocks);
        expect(blocksOf(directory)).toEqual(blocks);
        expect(readDirectory(directory)).toEqual({
          blocks: blocks.length,
          chunks: blocks.reduce((sum, { chunkLengths }) => sum + chunkLengths.length, 0),
          storedLength: blocks.reduce((sum, { storedLength }) => sum + storedLength, 0),
        });
      }),
    );
  });

  it('is refused when cut short or longer than it says', () => {
    fc.assert(
      fc.property(
        fc.array(block, { minLength: 1, maxLength: 5 }),
        fc.double({ min: 0, max: 0.999, noNaN: true }),
        (blocks, part) => {
          const bytes = encodeDirectory(blocks);
          expect(readOrRefuse(bytes.subarray(0, Math.floor(bytes.length * part)))).toBe('refused');
          expect(readOrRefuse(Buffer.concat([bytes, Buffer.alloc(1)]))).toBe('refused');
        },
      ),
    );
  });

  it('is read or refused, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(['refused', 'read']).toContain(readOrRefuse(bytes) === 'refused' ? 'refused' : 'read');
      }),
      { numRuns: 3000 },
    );
  });

  it('takes no memory for counts that are not there', () => {
    const writer = new ByteWriter();
    writer.varint(65_536);
    writer.u8(0);
    for (const number of [0, 0, 65_536]) writer.varint(number);
    expect(readOrRefuse(writer.view())).toBe('refused');
    const many = new ByteWriter();
    many.varint(2 ** 52);
    expect(readOrRefuse(many.view())).toBe('refused');
  });

  it('is refused where its blocks are longer than a pack may be', () => {
    const one = { codec: 0, rawLength: 0, storedLength: 60 * 2 ** 20, chunkIds: Buffer.alloc(0), chunkLengths: [] };
    expect(readOrRefuse(encodeDirectory([one]))).not.toBe('refused');
    expect(readOrRefuse(encodeDirectory([one, one]))).toBe('refused');
  });

  it('is refused where chunks do not fill their block', () => {
    const one = { codec: 0, rawLength: 11, storedLength: 11, chunkIds: Buffer.alloc(32), chunkLengths: [10] };
    expect(readOrRefuse(encodeDirectory([one]))).toBe('refused');
  });
});

describe('the trailer of a pack', () => {
  it('comes back as it was written and is refused when anything of its mark differs', () => {
    fc.assert(
      fc.property(
        fc.nat({ max: 2 ** 26 }),
        fc.nat({ max: 65_536 }),
        fc.integer({ min: 8, max: 15 }),
        (length, blocks, at) => {
          const bytes = Buffer.alloc(TRAILER_BYTES);
          expect(writeTrailer(bytes, 0, length, blocks)).toBe(TRAILER_BYTES);
          expect(readTrailer(bytes)).toEqual({ directoryLength: length, blocks });
          expect(() => readTrailer(bytes.subarray(0, at))).toThrow(MalformedError);
          bytes[at] = (bytes[at] ?? 0) ^ 1;
          expect(() => readTrailer(bytes)).toThrow(MalformedError);
        },
      ),
    );
  });

  it.each([
    [2 ** 31, 1],
    [100, 65_537],
  ])('is refused with a length of %d for %d blocks', (length, blocks) => {
    const bytes = Buffer.alloc(TRAILER_BYTES);
    writeTrailer(bytes, 0, length, blocks);
    expect(() => readTrailer(bytes)).toThrow(/too long/);
  });
});
