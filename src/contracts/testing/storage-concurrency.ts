/** The promises of the storage contract that only show when several are at work, or when work is broken off. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { StorageTarget } from '../index.ts';
import type { StoragePlace } from './storage-place.ts';
import { noise, sameBytes } from './support.ts';

const WRITERS = 16;
const LARGE = 40 * 1024 * 1024;

/** Work under way, and whether it has ended. `promise` is to be awaited at last. */
interface Watched {
  readonly promise: Promise<unknown>;
  settled: boolean;
}

function watch(promise: Promise<unknown>): Watched {
  const watched: Watched = { promise, settled: false };
  const settle = (): void => {
    watched.settled = true;
  };
  promise.then(settle, settle);
  return watched;
}

/** Declares the tests; called by `storageConformance`. */
export function storageConcurrency(name: string, make: () => Promise<StoragePlace>): void {
  describe(`storage ${name} keeps the contract under concurrency`, () => {
    let place: StoragePlace;
    let targets: StorageTarget[];
    let target: StorageTarget;
    beforeEach(async () => {
      place = await make();
      targets = await Promise.all(Array.from({ length: WRITERS }, () => place.open()));
      target = await place.open();
    });
    afterEach(async () => {
      for (const each of [...targets, target]) await each[Symbol.asyncDispose]();
      await place[Symbol.asyncDispose]();
    });

    it('lets exactly one of 16 racing writers win', async () => {
      if (!target.capabilities.conditionalPut) return;
      for (let round = 0; round < 5; round++) {
        const key = `race/${round}`;
        const body = (writer: number): Uint8Array => noise(20_000 + writer, writer + 1);
        const outcomes = await Promise.all(
          targets.map((each, writer) => each.put(key, body(writer), { ifAbsent: true })),
        );
        expect(outcomes.filter((outcome) => outcome === 'stored')).toHaveLength(1);
        expect(sameBytes(await target.get(key), body(outcomes.indexOf('stored')))).toBe(true);
      }
    });

    it('stores many objects at once', async () => {
      const body = (writer: number): Uint8Array => noise(100_000, writer + 1);
      await Promise.all(targets.map((each, writer) => each.put(`at-once/${writer}`, body(writer))));
      const read = await Promise.all(targets.map((_, writer) => target.get(`at-once/${writer}`)));
      expect(read.every((bytes, writer) => sameBytes(bytes, body(writer)))).toBe(true);
    });

    it('never shows a half-written object to a listing or a reader', async () => {
      const body = noise(4 * 1024 * 1024, 7);
      const writing = watch(
        Promise.all(
          targets.slice(0, 4).map(async (each, writer) => {
            for (let index = 0; index < 4; index++) await each.put(`growing/${writer}/${index}`, body);
          }),
        ),
      );
      let seen = 0;
      for (let last = false; !last;) {
        last = writing.settled;
        seen = 0;
        for await (const { key, size } of target.list('')) {
          seen += 1;
          expect(size).toBe(body.length);
          expect(sameBytes(await target.get(key), body)).toBe(true);
        }
      }
      await writing.promise;
      expect(seen).toBe(16);
    });

    it('shows a reader the old or the new object while it is replaced, never a mixture', async () => {
      const versions = [noise(3_000_000, 1), noise(3_000_000, 2)] as const;
      await target.put('swapped', versions[0]);
      const replace = async (): Promise<void> => {
        for (let round = 1; round <= 10; round++) await target.put('swapped', versions[round % 2 === 0 ? 0 : 1]);
      };
      const writing = watch(replace());
      while (!writing.settled) {
        const bytes = await targets[0]?.get('swapped');
        expect(versions.some((version) => bytes !== undefined && sameBytes(version, bytes))).toBe(true);
      }
      await writing.promise;
    });

    it('does nothing for a signal that is aborted already', async () => {
      await target.put('there', noise(10));
      const signal = AbortSignal.abort();
      await expect(target.put('aborted', noise(10), { signal })).rejects.toThrow();
      await expect(target.get('there', undefined, signal)).rejects.toThrow();
      await expect(target.check(signal)).rejects.toThrow();
      expect(await target.stat('aborted')).toBeUndefined();
    });

    it('leaves a put that is broken off either undone or whole', async () => {
      const body = noise(LARGE, 3);
      for (const turns of [0, 1, 3, 10, 30]) {
        const control = new AbortController();
        const put = target.put('broken-off', body, { signal: control.signal });
        const settled = Promise.allSettled([put]);
        for (let turn = 0; turn < turns; turn++) await target.stat('any');
        control.abort();
        const [result] = await settled;
        const stat = await target.stat('broken-off');
        expect(stat).toEqual(result?.status === 'fulfilled' ? { size: body.length } : undefined);
        await target.remove(['broken-off']);
      }
      expect(await Array.fromAsync(target.list(''))).toEqual([]);
    });
  });
}
