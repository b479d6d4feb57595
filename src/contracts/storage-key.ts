/** The grammar of object keys, written once for the targets that must refuse all others. */

/** Longest key, in characters; keeps every segment within what file systems and object stores take as a name. */
export const MAX_KEY_LENGTH = 255;

const segment = /^(?!\.{1,2}$)[a-z0-9._-]+$/;
const partialSegment = /^[a-z0-9._-]*$/;

/** Whether `key` may name an object: see `StorageTarget`. */
export const isStorageKey = (key: string): boolean =>
  key.length <= MAX_KEY_LENGTH && key.split('/').every((part) => segment.test(part));

/** Whether `prefix` is the beginning of any possible key; the empty one is. */
export function isStoragePrefix(prefix: string): boolean {
  const parts = prefix.split('/');
  const last = parts.pop() ?? '';
  return prefix.length <= MAX_KEY_LENGTH && partialSegment.test(last) && parts.every((part) => segment.test(part));
}
