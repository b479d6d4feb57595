/** Paths of entries, as bytes. */

const SLASH = 0x2f;

/** The last segment of a path. */
export const nameOf = (path: Buffer): Buffer => path.subarray(path.lastIndexOf(SLASH) + 1);

/** True when `bytes` has `beginning` at `at`. For some ten bytes a loop is faster than a call that leaves JavaScript. */
export function startsWith(bytes: Uint8Array, at: number, beginning: Uint8Array): boolean {
  if (bytes.length - at < beginning.length) return false;
  for (let index = 0; index < beginning.length; index++) if (bytes[at + index] !== beginning[index]) return false;
  return true;
}

/** True when `path` is an entry of the directory at `directory`. */
export function isDirectlyBelow(directory: Buffer, path: Buffer): boolean {
  const slash = path.lastIndexOf(SLASH);
  if (slash <= 0) return slash < 0 && directory.length === 0 && path.length > 0;
  return slash === directory.length && startsWith(path, 0, directory);
}
