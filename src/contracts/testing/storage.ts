/** The promises of the storage contract, as tests. */
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageTarget } from '../index.ts';
import { storageConcurrency } from './storage-concurrency.ts';
import type { StoragePlace } from './storage-place.ts';
import { codeRejectedBy, noise, sameBytes } from './support.ts';

const LARGE = 40 * 1024 * 1024;

const refusedKeys = [
  '',
  '/',
  'a/',
  '/a',
  'a//b',
  '.',
  '..',
  '../a',
  'a/..',
  'a/../b',
  'a/./b',
  'A',
  'ä',
  'a b',
  'a\\b',
  'a\0b',
  'a\n',
  '~temporary',
  'a'.repeat(256),
  `${'a/'.repeat(127)}aa`,
];
const allowedKeys = [
  'a',
  '.a',
  '..a',
  '...',
  '-',
  '_',
  'a.b_c-d/0',
  'packs/0f/0f3a',
  'b'.repeat(255),
  `${'c/'.repeat(127)}c`,
];

const bodies = fc.oneof(
  fc.uint8Array({ maxLength: 2000 }),
  fc.tuple(fc.integer({ min: 0, max: 3_000_000 }), fc.nat()).map(([length, seed]) => noise(length, seed)),
);

/** Keys and sizes of what `prefix` lists, sorted. */
async function listed(target: StorageTarget, prefix = ''): Promise<string[]> {
  const objects = await Array.fromAsync(target.list(prefix));
  return objects.map(({ key, size }) => `${key} ${size}`).toSorted();
}

/** Declares the tests of a storage target. `make` is called before every test. */
export function storageConformance(name: string, make: () => Promise<StoragePlace>): void {
  describe(`storage ${name} keeps the contract`, () => {
    let place: StoragePlace;
    let target: StorageTarget;
    beforeEach(async () => {
      place = await make();
      target = await place.open();
    });
    afterEach(async () => {
      await target[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });

    it('keeps what it was given in shared memory, whatever becomes of that memory once it is taken', async () => {
      const body = noise(3_000_000, 7);
      const memory = new Uint8Array(new SharedArrayBuffer(body.length));
      memory.set(body);
      let taken = 0;
      const onTaken = (): void => {
        taken += 1;
        memory.fill(0);
      };
      await target.put('taken/early', memory, { onTaken });
      expect(taken).toBeLessThanOrEqual(1);
      expect(sameBytes(await target.get('taken/early'), body)).toBe(true);
    });

    it('gives back what it was given, as a whole and to another instance', async () => {
      await fc.assert(
        fc.asyncProperty(bodies, async (body) => {
          expect(await target.put('some/object', body)).toBe('stored');
          expect(sameBytes(await target.get('some/object'), body)).toBe(true);
          expect(await target.stat('some/object')).toEqual({ size: body.length });
        }),
        { numRuns: 15 },
      );
      const kept = await target.get('some/object');
      await using other = await place.open();
      expect(sameBytes(await other.get('some/object'), kept)).toBe(true);
    });

    it('reads ranges, and of one that passes the end what there is', async () => {
      const body = noise(100_000);
      await target.put('ranges', body);
      const edge = fc.oneof(fc.integer({ min: 0, max: 120_000 }), fc.constantFrom(0, 1, 99_999, 100_000, 2 ** 40));
      await fc.assert(
        fc.asyncProperty(edge, edge, async (offset, length) => {
          const expected = body.subarray(Math.min(offset, body.length), Math.min(offset + length, body.length));
          expect(sameBytes(await target.get('ranges', { offset, length }), expected)).toBe(true);
        }),
        { numRuns: 40 },
      );
    });

    it('stores an empty object', async () => {
      await target.put('empty', new Uint8Array(0));
      expect(await target.get('empty')).toHaveLength(0);
      expect(await target.get('empty', { offset: 0, length: 10 })).toHaveLength(0);
      expect(await target.stat('empty')).toEqual({ size: 0 });
      expect(await listed(target)).toEqual(['empty 0']);
    });

    it('reads into the memory it is given or into its own, and never beyond', async () => {
      const body = noise(1000);
      await target.put('packs/into', body);
      for (const memory of [new ArrayBuffer(2000), new SharedArrayBuffer(2000), new ArrayBuffer(10)]) {
        const into = new Uint8Array(memory).fill(7);
        const read = await target.get('packs/into', { offset: 100, length: 500 }, undefined, into);
        expect(sameBytes(read, body.subarray(100, 600))).toBe(true);
        const used = read.buffer === memory ? 500 : 0;
        if (used > 0) expect(read.byteOffset).toBe(0);
        expect(into.subarray(used).every((byte) => byte === 7)).toBe(true);
      }
    });

    it('stores an object of 40 MiB and reads any part of it', async () => {
      const body = noise(LARGE);
      await target.put('packs/large', body);
      expect(sameBytes(await target.get('packs/large'), body)).toBe(true);
      for (const offset of [0, 1, LARGE / 2 - 3, LARGE - 1_000_000]) {
        const part = await target.get('packs/large', { offset, length: 3_000_000 });
        expect(sameBytes(part, body.subarray(offset, offset + 3_000_000))).toBe(true);
      }
    });

    it('takes part of a larger buffer, and shares no memory with its callers', async () => {
      const buffer = noise(5000);
      const body = buffer.subarray(1000, 3000);
      const before = Uint8Array.from(body);
      await target.put('own', body);
      buffer.fill(0);
      (await target.get('own')).fill(1);
      expect(sameBytes(await target.get('own'), before)).toBe(true);
    });

    it('replaces an object as a whole', async () => {
      await target.put('replaced', noise(70_000, 1));
      expect(await target.put('replaced', noise(500, 2))).toBe('stored');
      expect(sameBytes(await target.get('replaced'), noise(500, 2))).toBe(true);
      expect(await listed(target)).toEqual(['replaced 500']);
    });

    it('leaves an object alone that must not be replaced', async () => {
      expect(await target.put('once', noise(500, 1), { ifAbsent: true })).toBe('stored');
      expect(await target.put('once', noise(700, 2), { ifAbsent: true })).toBe('exists');
      expect(sameBytes(await target.get('once'), noise(500, 1))).toBe(true);
      await target.remove(['once']);
      expect(await target.put('once', noise(700, 2), { ifAbsent: true })).toBe('stored');
    });

    it('says that an object is missing', async () => {
      await target.put('there/a', noise(10));
      for (const key of ['missing', 'there', 'there/b', 'not/there/at/all']) {
        expect(await codeRejectedBy(target.get(key))).toBe('STORAGE_OBJECT_MISSING');
        expect(await codeRejectedBy(target.get(key, { offset: 0, length: 5 }))).toBe('STORAGE_OBJECT_MISSING');
        expect(await target.stat(key)).toBeUndefined();
      }
    });

    it('removes objects, also those that are gone already, and no others', async () => {
      for (const key of ['a', 'b/1', 'b/2', 'b/20']) await target.put(key, noise(3));
      await target.remove([]);
      await target.remove(['a', 'b/2', 'never/there', 'b']);
      await target.remove(['a', 'b/2']);
      expect(await listed(target)).toEqual(['b/1 3', 'b/20 3']);
      expect(await target.stat('a')).toBeUndefined();
    });

    it('lists by the beginning of the key, not by folder', async () => {
      const keys = ['index/1', 'packs/0a/0a1', 'packs/0a/0a2', 'packs/0b/0b1', 'packs-old', 'pack'];
      for (const [index, key] of keys.entries()) await target.put(key, noise(index));
      const all = keys.map((key, index) => `${key} ${index}`).toSorted();
      for (const prefix of [
        '',
        'p',
        'pack',
        'packs',
        'packs/',
        'packs/0',
        'packs/0a',
        'packs/0a/',
        'packs/0a/0a2',
        'q',
        'packs/0a/0a2/',
      ]) {
        expect({ prefix, found: await listed(target, prefix) }).toEqual({
          prefix,
          found: all.filter((line) => line.startsWith(prefix)),
        });
      }
    });

    it('lists nothing of an empty place, and every one of many objects once', async () => {
      expect(await listed(target)).toEqual([]);
      const keys = Array.from({ length: 300 }, (_, index) => `many/${index % 7}/${index}`);
      for (let at = 0; at < keys.length; at += 20) {
        await Promise.all(keys.slice(at, at + 20).map((key) => target.put(key, noise(1))));
      }
      expect(await listed(target)).toEqual(keys.map((key) => `${key} 1`).toSorted());
    });

    it('takes every key of the grammar', async () => {
      for (const key of allowedKeys) await target.put(key, Buffer.from(key));
      for (const key of allowedKeys) expect(Buffer.from(await target.get(key)).toString()).toBe(key);
      expect(await listed(target)).toEqual(allowedKeys.map((key) => `${key} ${key.length}`).toSorted());
    });

    it('refuses every other key', async () => {
      for (const key of refusedKeys) {
        const attempts = [
          () => target.put(key, noise(1)),
          () => target.get(key),
          () => target.stat(key),
          () => target.remove([key]),
        ];
        for (const attempt of attempts) {
          expect({ key, code: await codeRejectedBy(attempt()) }).toEqual({ key, code: 'STORAGE_KEY_INVALID' });
        }
      }
      expect(await listed(target)).toEqual([]);
    });

    it('proves itself in an empty place and in a used one, and leaves nothing behind', async () => {
      await target.check();
      expect(await listed(target)).toEqual([]);
      await target.put('object', noise(10));
      await target.check();
      expect(await listed(target)).toEqual(['object 10']);
    });

    it('tells its space if it says so', async () => {
      expect(target.usage !== undefined).toBe(target.capabilities.usage);
      const usage = await target.usage?.();
      if (usage === undefined) return;
      expect(usage.freeBytes).toBeGreaterThanOrEqual(0);
      expect(usage.totalBytes).toBeGreaterThanOrEqual(usage.freeBytes);
    });

    it('states how many puts it takes at once', () => {
      expect(target.capabilities.parallelPuts).toBeGreaterThanOrEqual(1);
      expect(target.capabilities.local).toBeTypeOf('boolean');
    });
  });

  storageConcurrency(name, make);
}
