import { describe, expect, it } from 'vitest';
import { asStrongroomError, type StrongroomError } from '../../src/errors.ts';
import { encodeDescription, type RepositoryDescription } from '../../src/repository/description.ts';
import { hashBytes } from '../../src/repository/hashing.ts';
import { openRepository } from '../../src/repository/index.ts';
import { type MemoryStorage, memoryStorage } from '../support/memory-storage.ts';
import { codecs, location, makeRepository, testKey } from '../support/repository-harness.ts';

const KEY = 'repository.json';

async function made(): Promise<{
  readonly storage: MemoryStorage;
  readonly description: RepositoryDescription;
  readonly key: Uint8Array;
}> {
  const storage = memoryStorage();
  const { description, keys } = await makeRepository(storage);
  return { storage, description, key: keys.description };
}

async function refusal(storage: MemoryStorage, id?: string): Promise<StrongroomError> {
  const opening = openRepository(storage, codecs, testKey, { ...location, ...(id !== undefined && { id }) });
  const [result] = await Promise.allSettled([opening]);
  if (result?.status !== 'rejected') throw new Error('It was opened.');
  return asStrongroomError(result.reason);
}

const edit = (storage: MemoryStorage, change: (json: Record<string, unknown>) => Record<string, unknown>): void => {
  const json = JSON.parse(Buffer.from(storage.objects.get(KEY) ?? []).toString()) as Record<string, unknown>;
  storage.objects.set(KEY, Buffer.from(JSON.stringify(change(json))));
};

describe('repository.json', () => {
  it('is refused by its name with any bit flipped, unless that makes it another version', async () => {
    const { storage } = await made();
    const bytes = Uint8Array.from(storage.objects.get(KEY) ?? []);
    for (let at = 0; at < bytes.length; at += 3) {
      const flipped = Uint8Array.from(bytes);
      flipped[at] = (flipped[at] ?? 0) ^ (1 << (at % 7));
      if (JSON.stringify(tryJson(flipped)) === JSON.stringify(tryJson(bytes))) continue;
      storage.objects.set(KEY, flipped);
      const { code, details } = await refusal(storage);
      if (code === 'REPOSITORY_VERSION')
        expect(Buffer.from(bytes).toString('utf8', at - 11, at + 1)).toContain('"format": 1');
      else expect([at, code, details['object']]).toEqual([at, 'REPOSITORY_DAMAGED', KEY]);
    }
  });

  it('is refused when cut short, empty, huge or gone', async () => {
    const { storage } = await made();
    const bytes = storage.objects.get(KEY) ?? new Uint8Array(0);
    for (const bad of [bytes.slice(0, -10), bytes.slice(0, 1), new Uint8Array(0), Buffer.alloc(2 ** 17, 0x20)]) {
      storage.objects.set(KEY, bad);
      expect(await refusal(storage)).toMatchObject({ code: 'REPOSITORY_DAMAGED', details: { object: KEY } });
    }
    storage.objects.delete(KEY);
    expect((await refusal(storage)).code).toBe('REPOSITORY_MISSING');
  });

  it('of another version is refused by that version', async () => {
    const { storage } = await made();
    edit(storage, (json) => ({ ...json, format: 2, anything: 'else' }));
    expect(await refusal(storage)).toMatchObject({ code: 'REPOSITORY_VERSION', details: { found: 2, expected: 1 } });
  });

  it('of another repository is refused where the id is known', async () => {
    const { storage, description } = await made();
    const expected = 'f'.repeat(32);
    expect(await refusal(storage, expected)).toMatchObject({
      code: 'REPOSITORY_MISMATCH',
      details: { found: description.id, expected },
    });
  });

  it.each([
    ['compressor', { codecs: ['raw', 'lzma-9000'] }, 'lzma-9000'],
    ['encryptor', { encryptor: { name: 'rot13', configuration: {} } }, 'rot13'],
  ] as const)('with an unknown %s is refused by its name', async (kind, change, name) => {
    const { storage, description, key } = await made();
    storage.objects.set(
      KEY,
      encodeDescription(
        { ...description, ...change, codecs: [...('codecs' in change ? change.codecs : description.codecs)] },
        key,
      ),
    );
    expect(await refusal(storage)).toMatchObject({ code: 'REPOSITORY_CODEC', details: { kind, name } });
  });

  it('that somebody edited is refused, with or without a fitting checksum', async () => {
    const { storage, description, key } = await made();
    edit(storage, (json) => ({ ...json, packSize: 2 ** 21 }));
    expect(await refusal(storage)).toMatchObject({
      code: 'REPOSITORY_DAMAGED',
      details: { reason: 'its checksum is wrong' },
    });
    const forged = encodeDescription(
      { ...description, encryptor: { name: 'none', configuration: {} } },
      hashBytes(key),
    );
    storage.objects.set(KEY, forged);
    expect(await refusal(storage)).toMatchObject({
      code: 'REPOSITORY_DAMAGED',
      details: { object: KEY, reason: 'it was changed after it was written' },
    });
  });

  it.each([
    { chunker: { name: 'gear32', min: 2048, average: 8192, max: 16_384 } },
    { chunker: { name: 'gear32', min: 8192, average: 8192, max: 16_384 } },
    { chunker: { name: 'gear32', min: 4096, average: 10_000, max: 16_384 } },
    { packSize: 2 ** 30 },
    { blockSize: 2 ** 23 },
    { codecs: [] },
    { id: '..' },
    { compression: { codec: 99, level: 1, configuration: {} } },
  ])('out of limits is refused: %j', async (change) => {
    const { storage } = await made();
    edit(storage, (json) => ({ ...json, ...change }));
    expect(await refusal(storage)).toMatchObject({ code: 'REPOSITORY_DAMAGED', details: { object: KEY } });
  });
});

function tryJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString());
  } catch (error) {
    return String(error);
  }
}
