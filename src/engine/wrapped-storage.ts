/** Storage targets that add something to another one. */
import type { StorageTarget } from '../contracts/index.ts';

/** `target` with some of its methods replaced. Disposing it disposes of the target. */
export function wrapStorage(
  target: StorageTarget,
  changes: Partial<Pick<StorageTarget, 'put' | 'get'>>,
): StorageTarget {
  const { usage } = target;
  return {
    capabilities: target.capabilities,
    put: (key, body, options) => target.put(key, body, options),
    get: (key, range, signal, into) => target.get(key, range, signal, into),
    stat: (key) => target.stat(key),
    list: (prefix) => target.list(prefix),
    remove: (keys) => target.remove(keys),
    check: (given) => target.check(given),
    ...(usage !== undefined && { usage: () => usage.call(target) }),
    [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
    ...changes,
  };
}
