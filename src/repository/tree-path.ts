/** Paths of entries, as bytes. */

const SLASH = 0x2f;

/** The last segment of a path. */
export const nameOf = (path: Buffer): Buffer => path.subarray(path.lastIndexOf(SLASH) + 1);

/** True when `path` is an entry of the directory at `directory`. */
export function isDirectlyBelow(directory: Buffer, path: Buffer): boolean {
  const slash = path.lastIndexOf(SLASH);
  if (slash <= 0) return slash < 0 && directory.length === 0 && path.length > 0;
  return slash === directory.length && path.compare(directory, 0, slash, 0, slash) === 0;
}
