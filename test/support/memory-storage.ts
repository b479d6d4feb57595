/** A storage target in memory, whose objects a test may look at and change behind the engine's back. */
import { setImmediate } from 'node:timers/promises';
import type { StorageTarget } from '../../src/contracts/index.ts';
import { StrongroomError } from '../../src/errors.ts';

export interface MemoryStorage extends StorageTarget {
  readonly objects: Map<string, Uint8Array>;
}

/** Starts with copies of `objects`. */
export function memoryStorage(objects: ReadonlyMap<string, Uint8Array> = new Map()): MemoryStorage {
  const kept = new Map([...objects].map(([key, bytes]) => [key, Uint8Array.from(bytes)]));
  return {
    objects: kept,
    capabilities: { conditionalPut: true, objectLock: false, usage: false, parallelPuts: 2, local: true },
    async put(key, body, { ifAbsent } = {}) {
      await setImmediate();
      if (ifAbsent === true && kept.has(key)) return 'exists';
      kept.set(key, Uint8Array.from(body));
      return 'stored';
    },
    async get(key, { offset, length } = { offset: 0, length: Number.MAX_SAFE_INTEGER }) {
      const bytes = kept.get(key);
      if (bytes === undefined) throw new StrongroomError('STORAGE_OBJECT_MISSING', { key });
      return bytes.slice(offset, Math.min(bytes.length, offset + length));
    },
    async stat(key) {
      const bytes = kept.get(key);
      return bytes === undefined ? undefined : { size: bytes.length };
    },
    async *list(prefix) {
      for (const [key, { length: size }] of kept) {
        if (key.startsWith(prefix)) yield { key, size };
      }
    },
    async remove(keys) {
      for (const key of keys) kept.delete(key);
    },
    check: async () => undefined,
    [Symbol.asyncDispose]: async () => undefined,
  };
}
