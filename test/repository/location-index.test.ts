import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ObjectKind } from '../../src/repository/format.ts';
import { LocationIndex } from '../../src/repository/location-index.ts';
import type { BlockDescription } from '../../src/repository/pack-layout.ts';

const idOf = (number: number): Buffer => createHash('sha256').update(`chunk ${number}`).digest();
const packIdOf = (number: number): Buffer => createHash('sha256').update(`pack ${number}`).digest();

/** Packs of blocks of chunk numbers; few numbers, so that chunks and packs repeat. */
const packs = fc.array(
  fc.record({
    pack: fc.nat({ max: 20 }),
    blocks: fc.array(fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 30 }), { maxLength: 10 }),
  }),
  { maxLength: 30 },
);
const lengthOf = (chunk: number): number => (chunk % 7) + 1;

describe('the location index', () => {
  it('answers like a map that keeps what came first', () => {
    fc.assert(
      fc.property(packs, (input) => {
        const index = new LocationIndex();
        const model = new Map<string, { pack: string; offset: number; at: number; length: number }>();
        const known = new Set<string>();
        for (const { pack, blocks } of input) {
          const id = packIdOf(pack);
          const descriptions = blocks.map((chunks): BlockDescription => ({
            codec: 1,
            rawLength: chunks.reduce((sum, chunk) => sum + lengthOf(chunk), 0),
            storedLength: chunks.length * 3,
            chunkIds: Buffer.concat(chunks.map(idOf)),
            chunkLengths: chunks.map(lengthOf),
          }));
          index.addPack(
            { id, kind: ObjectKind.dataPack, envelope: Buffer.alloc(5), directory: Buffer.alloc(0) },
            descriptions,
          );
          if (known.has(id.toString('hex'))) continue;
          known.add(id.toString('hex'));
          let offset = 8 + 5;
          for (const chunks of blocks) {
            let at = 0;
            for (const chunk of chunks) {
              const key = idOf(chunk).toString('hex');
              if (!model.has(key)) model.set(key, { pack: id.toString('hex'), offset, at, length: lengthOf(chunk) });
              at += lengthOf(chunk);
            }
            offset += chunks.length * 3;
          }
        }
        expect(index.size).toBe(model.size);
        expect([...index.packIds()].toSorted()).toEqual([...known].toSorted());
        for (let chunk = 0; chunk <= 300; chunk++) {
          const found = index.find(idOf(chunk));
          const expected = model.get(idOf(chunk).toString('hex'));
          if (found === undefined || expected === undefined) {
            expect(found).toBe(expected);
            continue;
          }
          const block = index.block(found.block);
          expect({ pack: block.pack.id, offset: block.offset, at: found.offset, length: found.length }).toEqual(
            expected,
          );
          expect(
            index.chunksOf(found.block).some(({ id, offset }) => idOf(chunk).equals(id) && offset === found.offset),
          ).toBe(true);
        }
      }),
    );
  });

  it('grows to many chunks', () => {
    const index = new LocationIndex();
    const count = 50_000;
    for (let pack = 0; pack < 10; pack++) {
      const chunks = Array.from({ length: count / 10 }, (_, chunk) => idOf(pack * 5000 + chunk));
      const block = {
        codec: 0,
        rawLength: chunks.length,
        storedLength: 10,
        chunkIds: Buffer.concat(chunks),
        chunkLengths: chunks.map(() => 1),
      };
      const entry = {
        id: packIdOf(pack),
        kind: ObjectKind.dataPack,
        envelope: Buffer.alloc(0),
        directory: Buffer.alloc(0),
      };
      index.addPack(entry, [block]);
    }
    expect(index.size).toBe(count);
    for (let chunk = 0; chunk < count; chunk += 997) expect(index.find(idOf(chunk))?.offset).toBe(chunk % 5000);
    expect(index.find(idOf(count))).toBeUndefined();
    expect([...index.chunkIds()]).toHaveLength(count);
  });

  it('knows nothing of a pack whose description breaks off', () => {
    const index = new LocationIndex();
    function* broken(): Generator<BlockDescription> {
      yield { codec: 0, rawLength: 1, storedLength: 1, chunkIds: idOf(1), chunkLengths: [1] };
      throw new Error('malformed');
    }
    const entry = { id: packIdOf(1), kind: ObjectKind.dataPack, envelope: Buffer.alloc(0), directory: Buffer.alloc(0) };
    expect(() => index.addPack(entry, broken())).toThrow('malformed');
    expect(index.hasPack(packIdOf(1).toString('hex'))).toBe(false);
    expect(index.find(idOf(1))).toBeUndefined();
  });
});
