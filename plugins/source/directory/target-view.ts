/** What is at a restore's target, seen without following any link. Paths hold one character a byte (latin1). */
import { lstatSync } from 'node:fs';
import type { BigIntStats } from 'node:fs';

/** What stands at one path of the target. */
export type Standing =
  | { readonly kind: 'absent' }
  | { readonly kind: 'directory'; readonly stats: BigIntStats }
  /** A file, a link or anything else that is not a directory. */
  | { readonly kind: 'other'; readonly stats: BigIntStats }
  /** Something that is not a directory stands at `by`, above the path. */
  | { readonly kind: 'blocked'; readonly by: string };

const ABSENT: Standing = { kind: 'absent' };

/** Looks along a path that mostly goes on where the last one was: paths in tree order cost one look each. */
export class TargetView {
  readonly #root: string;
  /** The directories above the path looked at last, the root first. */
  readonly #above: { readonly path: string; readonly standing: Standing }[];

  /** `root` is absolute, with links resolved; it need not be there. */
  constructor(root: string) {
    this.#root = root === '/' ? '' : root;
    this.#above = [{ path: '', standing: look(this.absolute('')) }];
  }

  absolute(path: string): Buffer {
    return Buffer.from(path === '' ? this.#root || '/' : `${this.#root}/${path}`, 'latin1');
  }

  at(path: string): Standing {
    if (path === '') return this.#above[0]?.standing ?? ABSENT;
    const parent = this.parent(path);
    if (parent.kind === 'absent' || parent.kind === 'blocked') return parent;
    if (parent.kind === 'other') return { kind: 'blocked', by: path.slice(0, Math.max(path.lastIndexOf('/'), 0)) };
    return look(this.absolute(path));
  }

  /** What stands where the directory that holds `path` is to be. */
  parent(path: string): Standing {
    const end = path.lastIndexOf('/');
    const parent = end < 0 ? '' : path.slice(0, end);
    while (this.#above.length > 1 && !contains(this.#above.at(-1)?.path ?? '', parent)) this.#above.pop();
    for (let top = this.#above.at(-1); top !== undefined && top.path !== parent; top = this.#above.at(-1)) {
      const from = top.path === '' ? 0 : top.path.length + 1;
      const next = parent.indexOf('/', from);
      const below = next < 0 ? parent : parent.slice(0, next);
      this.#above.push({ path: below, standing: this.#below(top.path, top.standing, below) });
    }
    return this.#above.at(-1)?.standing ?? ABSENT;
  }

  #below(above: string, standing: Standing, path: string): Standing {
    if (standing.kind === 'directory') return look(this.absolute(path));
    return standing.kind === 'other' ? { kind: 'blocked', by: above } : standing;
  }
}

const contains = (directory: string, path: string): boolean =>
  directory === '' || directory === path || path.startsWith(`${directory}/`);

/** A path that leads through a file is absent like any other. */
function look(path: Buffer): Standing {
  const stats = lstatSync(path, { bigint: true, throwIfNoEntry: false });
  return stats === undefined ? ABSENT : { kind: stats.isDirectory() ? 'directory' : 'other', stats };
}
