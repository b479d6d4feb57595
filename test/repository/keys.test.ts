import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { asStrongroomError, StrongroomError } from '../../src/errors.ts';
import { addSlot, listSlots, openRepository, removeSlot, type SlotKey } from '../../src/repository/index.ts';
import { decodeSlot, encodeSlot, makeSlot, openSlot } from '../../src/repository/key-slots.ts';
import { memoryStorage } from '../support/memory-storage.ts';
import { codecs, location, makeRepository, testKey } from '../support/repository-harness.ts';

const now = new Date('2026-01-02T03:04:05.000Z');
const repositoryId = Buffer.alloc(16, 3);
const masterKey = randomBytes(32);
const keyFile = (fill: number): SlotKey => ({ kind: 'keyFile', content: Buffer.alloc(32, fill) });

const failure = async (work: Promise<unknown>): Promise<StrongroomError> => {
  const [result] = await Promise.allSettled([work]);
  if (result?.status !== 'rejected') throw new Error('It did not fail.');
  return asStrongroomError(result.reason);
};

describe('a key slot', () => {
  it.each([
    ['a passphrase', { kind: 'passphrase', passphrase: 'correct horse' }],
    ['a key file', keyFile(1)],
    ['no key', { kind: 'none' }],
  ] as const)('opens again with %s', async (_, key) => {
    const slot = await makeSlot(key, masterKey, repositoryId, now);
    const read = decodeSlot(encodeSlot(slot), slot.slot);
    expect(read).toEqual(slot);
    expect(Buffer.from((await openSlot(read, key, repositoryId))?.masterKey ?? [])).toEqual(masterKey);
  });

  it('opens with the same passphrase however its letters are composed', async () => {
    const composed = { kind: 'passphrase', passphrase: 'caf\u00e9-strongroom' } as const;
    const decomposed = { kind: 'passphrase', passphrase: 'cafe\u0301-strongroom' } as const;
    const slot = await makeSlot(composed, masterKey, repositoryId, now);
    expect(await openSlot(slot, decomposed, repositoryId)).toBeDefined();
  });

  it('does not open with another key, for another repository, or as another slot', async () => {
    const slot = await makeSlot(keyFile(1), masterKey, repositoryId, now);
    expect(await openSlot(slot, keyFile(2), repositoryId)).toBeUndefined();
    expect(await openSlot(slot, keyFile(1), Buffer.alloc(16, 4))).toBeUndefined();
    expect(await openSlot({ ...slot, slot: '0'.repeat(16) }, keyFile(1), repositoryId)).toBeUndefined();
    expect(() => decodeSlot(encodeSlot(slot), '0'.repeat(16))).toThrow(/another name/);
  });

  it('is refused by its name with any bit flipped or any part missing', async () => {
    const slot = await makeSlot(keyFile(1), masterKey, repositoryId, now);
    const bytes = encodeSlot(slot);
    fc.assert(
      fc.property(fc.nat({ max: bytes.length - 1 }), fc.nat({ max: 7 }), fc.boolean(), (at, bit, cut) => {
        const bad = cut ? bytes.subarray(0, at) : Buffer.from(bytes);
        if (!cut) bad[at] = (bad[at] ?? 0) ^ (1 << bit);
        try {
          // A bit of white space between the parts may flip to other white space.
          expect(decodeSlot(bad, slot.slot)).toEqual(slot);
        } catch (error) {
          expect(error).toMatchObject({ code: 'REPOSITORY_DAMAGED', details: { object: `keys/${slot.slot}` } });
        }
      }),
      { numRuns: 2000 },
    );
  });

  it('is opened with what was derived for it before, and with nothing that was derived for another', async () => {
    const key = { kind: 'passphrase', passphrase: 'correct horse' } as const;
    const [slot, other] = [
      await makeSlot(key, masterKey, repositoryId, now),
      await makeSlot(key, masterKey, repositoryId, now),
    ];
    const opened = await openSlot(slot, key, repositoryId);
    const derived = opened?.derived ?? { from: '', key: new Uint8Array() };
    expect((await openSlot(slot, { ...key, passphrase: 'unseen', derived }, repositoryId))?.masterKey).toEqual(
      masterKey,
    );
    expect(await openSlot(other, { ...key, passphrase: 'unseen', derived }, repositoryId)).toBeUndefined();
    expect((await openSlot(other, { ...key, derived }, repositoryId))?.masterKey).toEqual(masterKey);
    const wrong = { ...derived, key: new Uint8Array(32) };
    expect(await openSlot(slot, { ...key, derived: wrong }, repositoryId)).toBeUndefined();
  });

  it('is refused when it asks for more memory or time than a slot may', async () => {
    const slot = await makeSlot({ kind: 'passphrase', passphrase: 'correct horse' }, masterKey, repositoryId, now);
    const kdf = { name: 'argon2id', memoryKiB: 65_536, passes: 3, lanes: 4 } as const;
    for (const greedy of [{ memoryKiB: 2 ** 21 }, { passes: 17 }, { lanes: 65 }, { memoryKiB: 0 }]) {
      expect(() => decodeSlot(encodeSlot({ ...slot, kdf: { ...kdf, ...greedy } }), slot.slot)).toThrow(StrongroomError);
    }
  });
});

describe('the slots of a repository', () => {
  it('are added and removed without touching anything else, the last one never', async () => {
    const storage = memoryStorage();
    await makeRepository(storage);
    const before = new Map(storage.objects);
    const passphrase: SlotKey = { kind: 'passphrase', passphrase: 'another horse' };
    const added = await addSlot(storage, testKey, passphrase, now, location);
    expect([...storage.objects.keys()].filter((key) => !before.has(key))).toEqual([`keys/${added.slot}`]);
    for (const [key, bytes] of before) expect(storage.objects.get(key)).toEqual(bytes);
    await openRepository(storage, codecs, passphrase, location);
    const [first] = (await listSlots(storage)).filter(({ slot }) => slot !== added.slot);
    await removeSlot(storage, first?.slot ?? '');
    expect((await failure(openRepository(storage, codecs, testKey, location))).code).toBe('REPOSITORY_KEY_WRONG');
    expect((await failure(removeSlot(storage, added.slot))).code).toBe('REPOSITORY_KEY_LAST');
    expect((await failure(removeSlot(storage, first?.slot ?? ''))).code).toBe('OBJECT_NOT_FOUND');
    await openRepository(storage, codecs, passphrase, location);
  });

  it('a damaged one does not hinder a good one, and is named where none is left', async () => {
    const storage = memoryStorage();
    await makeRepository(storage);
    const [good] = await listSlots(storage);
    await addSlot(storage, testKey, keyFile(9), now, location);
    const goodKey = `keys/${good?.slot}`;
    const damagedBytes = Uint8Array.from(storage.objects.get(goodKey) ?? []);
    damagedBytes[damagedBytes.length >> 1] = 0x21;
    storage.objects.set(goodKey, damagedBytes);
    await openRepository(storage, codecs, keyFile(9), location);
    const { code, details } = await failure(openRepository(storage, codecs, testKey, location));
    expect([code, details['object']]).toEqual(['REPOSITORY_DAMAGED', goodKey]);
  });

  it('weak keys are refused', async () => {
    const storage = memoryStorage();
    await makeRepository(storage);
    const weak: SlotKey[] = [
      { kind: 'passphrase', passphrase: 'short' },
      { kind: 'keyFile', content: Buffer.alloc(31) },
      { kind: 'keyFile', content: Buffer.alloc(65_537) },
      { kind: 'none' },
    ];
    for (const key of weak) {
      expect((await failure(addSlot(storage, testKey, key, now, location))).code).toBe('INPUT_INVALID');
    }
  });
});
