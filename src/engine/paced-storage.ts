/** A storage target whose bytes move no faster than a pace allows, whatever its plugin. */
import type { StorageTarget } from '../contracts/index.ts';
import type { Direction } from './limits.ts';
import { wrapStorage } from './wrapped-storage.ts';

/** Gives leave to move bytes. */
export interface Pace {
  /** Resolves once so many bytes may move; rejects with `CANCELLED` when the operation or `signal` is aborted. */
  leave(direction: Direction, bytes: number, signal: AbortSignal | undefined): Promise<void>;
  /** So many bytes more, or less when negative, have moved than leave was asked for. */
  moved(direction: Direction, bytes: number): void;
}

/** `target`, whose puts and gets wait for their leave before they begin; what they wait with is what they were given. */
export const pacedBy = (target: StorageTarget, pace: Pace): StorageTarget =>
  wrapStorage(target, {
    async put(key, body, options) {
      await pace.leave('upload', body.length, options?.signal);
      return target.put(key, body, options);
    },
    async get(key, range, signal, into) {
      const asked = range?.length ?? 0;
      await pace.leave('download', asked, signal);
      const bytes = await target.get(key, range, signal, into);
      if (bytes.length !== asked) pace.moved('download', bytes.length - asked);
      return bytes;
    },
  });
