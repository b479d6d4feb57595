/** Refuses what no sound tree holds. Snapshots are input like any other: one may be damaged, or made to harm. */
import type { StoredEntry } from '../../../src/contracts/index.ts';

/** Looks at every path of one tree, in order. */
export class TreeGuard {
  #last: string | undefined;
  #leaf: string | undefined;

  /**
   * The entry's path, one character a byte (latin1), or why it is refused: a path that leads out of the target, comes out
   * of order or twice, or lies below something that is no directory.
   */
  admit(entry: Pick<StoredEntry, 'kind' | 'path'>): { readonly path: string } | { readonly refused: string } {
    const path = entry.path.toString('latin1');
    if (path === '' ? entry.kind !== 'directory' : !isPlain(path))
      return { refused: 'its path leads out of the target' };
    const order = path.replaceAll('/', '\0');
    if (this.#last !== undefined && order <= this.#last) return { refused: 'its path comes twice or out of order' };
    if (this.#leaf !== undefined && path.startsWith(`${this.#leaf}/`)) {
      return { refused: 'it lies below something that is no directory' };
    }
    this.#last = order;
    if (entry.kind !== 'directory') this.#leaf = path;
    return { path };
  }
}

function isPlain(path: string): boolean {
  return (
    !path.includes('\0') && path.split('/').every((segment) => segment !== '' && segment !== '.' && segment !== '..')
  );
}
