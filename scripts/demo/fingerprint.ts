/** What is compared before the loss and after the restore. */
import { createHash } from 'node:crypto';
import { lstat, readdir, readFile, readlink } from 'node:fs/promises';
import { join } from 'node:path';

/** Facts by name. */
export class Fingerprint {
  readonly #facts: ReadonlyMap<string, string>;

  constructor(facts: ReadonlyMap<string, string>) {
    this.#facts = facts;
  }

  get size(): number {
    return this.#facts.size;
  }

  /** The names of the facts that differ, are missing or are new in `after`. */
  compare(after: Fingerprint): readonly string[] {
    const names = new Set([...this.#facts.keys(), ...after.#facts.keys()]);
    return [...names].filter((name) => this.#facts.get(name) !== after.#facts.get(name));
  }
}

export const digest = (data: string | Uint8Array): string => createHash('sha256').update(data).digest('hex');

/** Adds each entry below a folder: kind, permissions, time of change and content. */
export async function fingerprintTree(path: string, facts: Map<string, string>): Promise<void> {
  const stat = await lstat(path, { bigint: true });
  const content = stat.isFile() ? digest(await readFile(path)) : stat.isSymbolicLink() ? await readlink(path) : '';
  facts.set(path, [stat.mode, stat.uid, stat.gid, stat.isSymbolicLink() ? '' : stat.mtimeNs, content].join(' '));
  if (!stat.isDirectory()) return;
  for (const name of (await readdir(path)).toSorted()) await fingerprintTree(join(path, name), facts);
}
