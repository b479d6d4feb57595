/** A storage target whose reads end when the run does, whether its plugin heeds that or not. */
import type { StorageTarget } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';

/** `target` with reads that reject with `CANCELLED` as soon as `signal` is aborted. */
export function endingWith(target: StorageTarget, signal: AbortSignal): StorageTarget {
  const { usage } = target;
  return {
    capabilities: target.capabilities,
    put: (key, body, options) => target.put(key, body, options),
    get: (key, range) => endedBy(signal, () => target.get(key, range, signal)),
    stat: (key) => target.stat(key),
    list: (prefix) => target.list(prefix),
    remove: (keys) => target.remove(keys),
    check: (given) => target.check(given),
    ...(usage !== undefined && { usage: () => usage.call(target) }),
    [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
  };
}

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
