/** The promises of the compressor contract, as tests. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Compressor } from '../index.ts';
import { codeThrownBy, noise, outcomeOf, sameBytes } from './support.ts';

/** Longest block that the engine makes: 8 MiB and the last chunk that joined it. */
const LONGEST_BLOCK = 8 * 1024 * 1024 + 512 * 1024;

/** Blocks like those of backups: short words, repetition, noise, zeros, and all of them mixed. */
const blocks: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 300 }),
      fc.tuple(fc.uint8Array({ minLength: 1, maxLength: 40 }), fc.integer({ min: 1, max: 200 })).map(repeated),
      fc.tuple(fc.integer({ min: 0, max: 20_000 }), fc.nat()).map(([length, seed]) => noise(length, seed)),
      fc.integer({ min: 0, max: 20_000 }).map((length) => new Uint8Array(length)),
    ),
    { maxLength: 6 },
  )
  .map((parts) => Uint8Array.from(Buffer.concat(parts)));

function repeated([word, times]: readonly [Uint8Array, number]): Uint8Array {
  return Uint8Array.from(Buffer.concat(Array.from({ length: times }, () => word)));
}

/** Declares the tests of a compressor; `make` is called once, when they are declared. */
export function compressorConformance(name: string, make: () => Compressor): void {
  const compressor = make();
  const { min, max, default: usual, fast = usual } = compressor.levels;
  const levels = fc.integer({ min, max });

  describe(`compressor ${name} keeps the contract`, () => {
    it('has whole levels, its default among them', () => {
      for (const level of [min, max, usual, fast]) expect(Number.isInteger(level)).toBe(true);
      expect(min).toBeLessThanOrEqual(fast);
      expect(fast).toBeLessThanOrEqual(usual);
      expect(usual).toBeLessThanOrEqual(max);
    });

    it('gives back every block at every level, and leaves its input alone', () => {
      fc.assert(
        fc.property(blocks, levels, (block, level) => {
          const before = Uint8Array.from(block);
          const compressed = compressor.compress(block, level);
          expect(sameBytes(block, before)).toBe(true);
          const packed = Uint8Array.from(compressed);
          expect(sameBytes(compressor.decompress(compressed, block.length), before)).toBe(true);
          expect(sameBytes(compressed, packed)).toBe(true);
        }),
        { numRuns: 60 },
      );
    });

    it('takes empty blocks, single bytes and parts of larger buffers', () => {
      const whole = noise(1000);
      for (const block of [new Uint8Array(0), Uint8Array.of(7), whole.subarray(13, 14), whole.subarray(100, 900)]) {
        const compressed = compressor.compress(block, usual);
        const within = Buffer.concat([noise(3), compressed, noise(5)]).subarray(3, 3 + compressed.length);
        expect(sameBytes(compressor.decompress(within, block.length), block)).toBe(true);
      }
    });

    it('takes the longest block, whether it shrinks or not', () => {
      for (const block of [noise(LONGEST_BLOCK), new Uint8Array(LONGEST_BLOCK)]) {
        const compressed = compressor.compress(block, Math.min(usual, 3));
        expect(sameBytes(compressor.decompress(compressed, block.length), block)).toBe(true);
      }
    });

    it('refuses a block of another length than declared', () => {
      fc.assert(
        fc.property(blocks, fc.integer({ min: -5, max: 5 }), fc.boolean(), (block, near, grow) => {
          const declared = Math.max(0, near === 0 ? (grow ? block.length * 2 + 1 : 0) : block.length + near);
          fc.pre(declared !== block.length);
          const compressed = compressor.compress(block, usual);
          expect(codeThrownBy(() => compressor.decompress(compressed, declared))).toBe('BLOCK_UNREADABLE');
        }),
        { numRuns: 60 },
      );
    });

    it('refuses a block that unpacks to more than declared, without unpacking it all', () => {
      const bomb = compressor.compress(new Uint8Array(LONGEST_BLOCK), usual);
      expect(codeThrownBy(() => compressor.decompress(bomb, 4096))).toBe('BLOCK_UNREADABLE');
    });

    it('refuses a block cut short', () => {
      fc.assert(
        fc.property(blocks, fc.double({ min: 0, max: 0.99, noNaN: true }), (block, part) => {
          fc.pre(block.length > 0);
          const compressed = compressor.compress(block, usual);
          const cut = compressed.subarray(0, Math.floor(compressed.length * part));
          expect(codeThrownBy(() => compressor.decompress(cut, block.length))).toBe('BLOCK_UNREADABLE');
        }),
        { numRuns: 60 },
      );
    });

    it('meets noise with its error or with as many bytes as declared, never with anything else', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 500 }), fc.integer({ min: 0, max: 2000 }), (bytes, declared) => {
          const outcome = outcomeOf(() => compressor.decompress(bytes, declared).length);
          expect([{ value: declared }, { code: 'BLOCK_UNREADABLE' }]).toContainEqual(outcome);
        }),
        { numRuns: 200 },
      );
    });
  });
}
