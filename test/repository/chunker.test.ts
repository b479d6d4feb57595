import { createHash, randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Chunker } from '../../src/repository/chunker.ts';
import { backUp, makeRepository, readBack, rootEntry, withTinyChunks } from '../support/repository-harness.ts';

const parameters = { min: 64, average: 256, max: 1024 };
const keyOf = (seed: number): Buffer => createHash('sha256').update(String(seed)).digest();
const chunker = new Chunker(parameters, keyOf(1));

function cutAll(bytes: Uint8Array, by: Chunker = chunker): number[] {
  const lengths: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = by.cut(bytes, at, bytes.length);
    lengths.push(length);
    at += length;
  }
  return lengths;
}

/** Bytes that are partly random and partly repeated, from a seed. */
const content = fc.tuple(fc.nat(), fc.nat({ max: 20_000 }), fc.nat({ max: 255 })).map(([seed, length, fill]) => {
  const bytes = Buffer.alloc(length, fill);
  let block = keyOf(seed);
  for (let at = 0; at < length / 2; at += 32) {
    block.copy(bytes, at);
    block = createHash('sha256').update(block).digest();
  }
  return bytes;
});

describe('the chunker', () => {
  it('covers the content exactly, within the limits of lengths', () => {
    fc.assert(
      fc.property(content, (bytes) => {
        const lengths = cutAll(bytes);
        expect(lengths.reduce((sum, length) => sum + length, 0)).toBe(bytes.length);
        for (const length of lengths) expect(length).toBeLessThanOrEqual(parameters.max);
        for (const length of lengths.slice(0, -1)) expect(length).toBeGreaterThan(parameters.min);
      }),
    );
  });

  it('cuts a chunk the same way wherever it lies and whatever follows', () => {
    fc.assert(
      fc.property(content, fc.nat({ max: 100 }), (bytes, shift) => {
        const moved = Buffer.concat([Buffer.alloc(shift, 1), bytes]);
        expect(chunker.cut(moved, shift, moved.length)).toBe(chunker.cut(bytes, 0, bytes.length));
        const window = Math.min(bytes.length, parameters.max);
        expect(chunker.cut(bytes, 0, window)).toBe(chunker.cut(bytes, 0, bytes.length));
      }),
    );
  });

  it('changes few chunks for an insertion', () => {
    const before = randomBytes(200_000);
    const idsOf = (bytes: Buffer): Set<string> => {
      let at = 0;
      return new Set(
        cutAll(bytes).map((length) =>
          createHash('sha256')
            .update(bytes.subarray(at, (at += length)))
            .digest('hex'),
        ),
      );
    };
    const known = idsOf(before);
    for (const at of [0, 1, 77_777, 200_000]) {
      const after = Buffer.concat([before.subarray(0, at), Buffer.from('inserted'), before.subarray(at)]);
      const added = [...idsOf(after)].filter((id) => !known.has(id));
      expect(added.length).toBeLessThan(15);
    }
  });

  it('makes chunks of about the average length', () => {
    const lengths = cutAll(randomBytes(1_000_000));
    const mean = 1_000_000 / lengths.length;
    expect(mean).toBeGreaterThan(parameters.average / 1.5);
    expect(mean).toBeLessThan(parameters.average * 1.5);
  });

  it('cuts elsewhere with another key', () => {
    const bytes = randomBytes(100_000);
    expect(cutAll(bytes, new Chunker(parameters, keyOf(2)))).not.toEqual(cutAll(bytes));
    expect(cutAll(bytes, new Chunker(parameters, keyOf(1)))).toEqual(cutAll(bytes));
  });
});

describe('a stream', () => {
  it('is cut the same however its bytes arrive', async () => {
    const repository = withTinyChunks(await makeRepository());
    const bytes = randomBytes(300_000);
    const streamed = async (sizes: readonly number[]) => {
      async function* stream() {
        for (let at = 0, turn = 0; at < bytes.length; turn++) {
          const size = sizes[turn % sizes.length] ?? 1;
          yield bytes.subarray(at, at + size);
          at += size;
        }
      }
      const file = { kind: 'file', path: Buffer.from('f'), metadata: {}, content: { stream } } as const;
      return backUp(repository, { files: [rootEntry, file] });
    };
    const whole = await streamed([bytes.length]);
    for (const sizes of [[1000], [1, 65_537, 3], [63, 64, 65]]) {
      const other = await streamed(sizes);
      expect(other.sources[0]?.root).toBe(whole.sources[0]?.root);
      expect(other.statistics.addedBytes).toBe(0);
    }
    expect((await readBack(repository, whole.sources[0])).entries.get('f')).toEqual(bytes);
  });
});
