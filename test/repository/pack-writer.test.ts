import { randomBytes } from 'node:crypto';
import { beforeAll, describe, expect, it } from 'vitest';
import { limits, ObjectKind } from '../../src/repository/format.ts';
import { hashBytes } from '../../src/repository/hashing.ts';
import type { OpenedRepository } from '../../src/repository/index.ts';
import { readDirectory } from '../../src/repository/pack-layout.ts';
import { packCapacity, PackWriter } from '../../src/repository/pack-writer.ts';
import { makeRepository } from '../support/repository-harness.ts';

let repository: OpenedRepository;
beforeAll(async () => {
  repository = await makeRepository();
});

/** What directories and sizes come of chunks of these lengths. */
function pack(lengths: Iterable<number>) {
  const { sealing, codecs, description } = repository;
  const capacity = packCapacity(description);
  const packs: {
    readonly bytes: number;
    readonly named: boolean;
    readonly chunks: number;
    readonly directory: number;
  }[] = [];
  const writer = new PackWriter(
    ObjectKind.dataPack,
    sealing,
    codecs,
    description,
    () => Buffer.allocUnsafeSlow(capacity),
    ({ id, bytes, directory }) => {
      const { chunks } = readDirectory(directory);
      packs.push({ bytes: bytes.length, named: hashBytes(bytes).equals(id), chunks, directory: directory.length });
    },
  );
  const content = randomBytes(5 * 2 ** 20);
  const id = Buffer.alloc(32);
  let total = 0;
  for (const length of lengths) {
    id.writeUInt32LE(total++);
    writer.add(id, content.subarray(0, length));
  }
  writer.flush();
  expect(packs.reduce((sum, { chunks }) => sum + chunks, 0)).toBe(total);
  return packs;
}

describe('the pack writer', () => {
  it('names each pack by its content and closes it at the size asked for', () => {
    const packs = pack(Array.from({ length: 40 }, () => 2 ** 20));
    expect(packs.every(({ named }) => named)).toBe(true);
    expect(packs).toHaveLength(Math.ceil((40 * 2 ** 20) / repository.description.packSize));
    for (const { bytes } of packs) expect(bytes).toBeLessThan(repository.description.packSize + limits.blockRaw);
  });

  it('stays within the chunks that a reader takes, however small they are', () => {
    function* lengths() {
      for (let count = 0; count < 16_000; count++) yield 70;
      for (let count = 0; count < 80_000; count++) yield 1;
    }
    for (const { chunks, directory } of pack(lengths())) {
      expect(chunks).toBeLessThanOrEqual(limits.packChunks);
      expect(directory).toBeLessThan(limits.indexPart);
    }
  });

  it('keeps chunks of any length whole', () => {
    const { blockSize } = repository.description;
    const lengths = [0, 1, blockSize - 2, blockSize - 1, blockSize, blockSize + 1, 7, 64 * 1024 - 1, 64 * 1024];
    const packs = pack(lengths);
    expect(packs.reduce((sum, { chunks }) => sum + chunks, 0)).toBe(lengths.length);
  });
});
