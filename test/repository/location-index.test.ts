import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MalformedError } from '../../src/repository/bytes.ts';
import { ChunkSet } from '../../src/repository/chunk-table.ts';
import { ObjectKind } from '../../src/repository/format.ts';
import { allocateIdTable } from '../../src/repository/id-table.ts';
import type { PackEntry } from '../../src/repository/index-object.ts';
import { LocationIndex } from '../../src/repository/location-index.ts';
import type { BlockDescription } from '../../src/repository/pack-layout.ts';
import { encodeDirectory } from '../support/pack-directories.ts';

const idOf = (number: number): Buffer => createHash('sha256').update(`chunk ${number}`).digest();
const packIdOf = (number: number): Buffer => createHash('sha256').update(`pack ${number}`).digest();

const OVERHEAD = 16;
const TRAILER = 16;
const envelopeOf = (pack: number): Buffer => Buffer.alloc(pack % 4, pack);
const lengthOf = (chunk: number): number => (chunk % 7) + 1;
const storedOf = (chunks: readonly number[]): number => chunks.length * 3;

const describeBlock = (chunks: readonly number[]): BlockDescription => ({
  codec: chunks.length % 3,
  rawLength: chunks.reduce((sum, chunk) => sum + lengthOf(chunk), 0),
  storedLength: storedOf(chunks),
  chunkIds: Buffer.concat(chunks.map(idOf)),
  chunkLengths: chunks.map(lengthOf),
});

/** A pack of blocks of chunk numbers. */
const entryOf = (pack: number, blocks: readonly (readonly number[])[]): PackEntry => ({
  id: packIdOf(pack),
  kind: pack % 2 === 0 ? ObjectKind.dataPack : ObjectKind.treePack,
  envelope: envelopeOf(pack),
  directory: encodeDirectory(blocks.map(describeBlock)),
});

/** Few numbers, so that chunks and packs repeat; blocks and packs may be empty. */
const packs = fc.array(
  fc.record({
    pack: fc.nat({ max: 20 }),
    blocks: fc.array(fc.array(fc.nat({ max: 300 }), { maxLength: 30 }), { maxLength: 10 }),
  }),
  { maxLength: 30 },
);

describe('the location index', () => {
  it('answers like a map that keeps what came first', () => {
    fc.assert(
      fc.property(packs, fc.nat({ max: 500 }), (input, reserved) => {
        const index = new LocationIndex(OVERHEAD);
        index.reserve(reserved);
        const model = new Map<number, { pack: number; sequence: number; offset: number; at: number }>();
        const known = new Map<number, number>();
        const contested = new Set<number>();
        const blockCounts: number[] = [];
        for (const { pack, blocks } of input) {
          const entry = entryOf(pack, blocks);
          index.addPack(entry);
          if (known.has(pack)) continue;
          let offset = 8 + envelopeOf(pack).length;
          blocks.forEach((chunks, sequence) => {
            let at = 0;
            for (const chunk of chunks) {
              const first = model.get(chunk);
              if (first === undefined) model.set(chunk, { pack, sequence, offset, at });
              else if (first.pack !== pack) contested.add(first.pack).add(pack);
              at += lengthOf(chunk);
            }
            offset += storedOf(chunks);
            blockCounts.push(chunks.length);
          });
          known.set(pack, offset + entry.directory.length + OVERHEAD + TRAILER);
        }
        expect(index.size).toBe(model.size);
        expect(index.blockCount).toBe(blockCounts.length);
        expect([...index.packs()].map(({ id, length }) => [id.toString('hex'), length])).toEqual(
          [...known].map(([pack, length]) => [packIdOf(pack).toString('hex'), length]),
        );
        expect(new Set(index.contested().map(({ id }) => id.toString('hex')))).toEqual(
          new Set([...contested].map((pack) => packIdOf(pack).toString('hex'))),
        );
        for (let chunk = 0; chunk <= 300; chunk++) {
          const found = index.find(idOf(chunk));
          const expected = model.get(chunk);
          if (found === undefined || expected === undefined) {
            expect(found).toBe(expected);
            continue;
          }
          const { pack, sequence, offset, storedLength, codec } = index.block(found.block);
          expect({ pack: pack.id, sequence, offset, at: found.offset }).toEqual({
            ...expected,
            pack: packIdOf(expected.pack).toString('hex'),
          });
          expect(found.length).toBe(lengthOf(chunk));
          expect([pack.kind, Buffer.from(pack.envelope)]).toEqual([
            entryOf(expected.pack, []).kind,
            envelopeOf(expected.pack),
          ]);
          const count = blockCounts[found.block] ?? 0;
          expect([storedLength, codec]).toEqual([count * 3, count % 3]);
          expect(
            index.chunksOf(found.block).some(({ id, offset: at }) => idOf(chunk).equals(id) && at === found.offset),
          ).toBe(true);
        }
      }),
    );
  });

  it('grows to many chunks, which a set of chunks finds in its table', () => {
    const index = new LocationIndex();
    const count = 50_000;
    for (let pack = 0; pack < 10; pack++) {
      index.addPack(entryOf(pack, [Array.from({ length: count / 10 }, (_, chunk) => pack * 5000 + chunk)]));
    }
    expect(index.size).toBe(count);
    const known = new ChunkSet([index.chunkIds, allocateIdTable(10)], () => undefined);
    for (let chunk = 0; chunk < count; chunk += 97) {
      expect(index.find(idOf(chunk))?.block).toBe(Math.floor(chunk / 5000));
      expect(known.add(idOf(chunk))).toBe(false);
    }
    expect(index.find(idOf(count))).toBeUndefined();
    expect(known.add(idOf(count))).toBe(true);
    expect(index.chunksOf(3)).toHaveLength(5000);
  });

  it('knows nothing of a pack whose directory breaks off', () => {
    const index = new LocationIndex();
    const entry = entryOf(1, [[1], [2]]);
    const broken = { ...entry, directory: entry.directory.subarray(0, -1) };
    expect(() => index.addPack(broken)).toThrow(MalformedError);
    expect(index.hasPack(packIdOf(1))).toBe(false);
    expect(index.find(idOf(1))).toBeUndefined();
    expect([index.size, index.blockCount]).toEqual([0, 0]);
    index.addPack(entry);
    expect(index.find(idOf(2))?.block).toBe(1);
  });
});
