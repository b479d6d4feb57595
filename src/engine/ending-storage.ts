/** A storage target whose reads end when the run does, whether its plugin heeds that or not. */
import type { StorageTarget } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { wrapStorage } from './wrapped-storage.ts';

/** `target` with reads that reject with `CANCELLED` as soon as `signal` is aborted. */
export const endingWith = (target: StorageTarget, signal: AbortSignal): StorageTarget =>
  wrapStorage(target, {
    get: (key, range, _signal, into) => endedBy(signal, () => target.get(key, range, signal, into)),
  });

async function endedBy<T>(signal: AbortSignal, read: () => Promise<T>): Promise<T> {
  const ended = Promise.withResolvers<never>();
  const end = (): void => ended.reject(new StrongroomError('CANCELLED', {}));
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  try {
    return await Promise.race(signal.aborted ? [ended.promise] : [read(), ended.promise]);
  } finally {
    signal.removeEventListener('abort', end);
  }
}
