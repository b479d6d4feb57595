/**
 * Builds the staged tree from entries in tree order. Everything is created exclusively, below directories that this very
 * restore made, so that no entry can lead out of the staging, whatever its path or an earlier link says.
 */
import { createHash } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, symlinkSync } from 'node:fs';
import type { EntryMetadata, RestoreEntry } from '../../../src/contracts/index.ts';
import type { AttributeSetter } from './attributes.ts';
import type { DirectoryJournal } from './directory-journal.ts';
import { bytes } from './staging.ts';
import type { Staging } from './staging.ts';
import { systemCode } from './warnings.ts';

interface Open {
  readonly path: string;
  /** What the directory gets in the end; `undefined` when it keeps what it has. */
  readonly metadata: EntryMetadata | undefined;
}

export class StagedTree {
  readonly #staging: Staging;
  readonly #attributes: AttributeSetter;
  readonly #journal: DirectoryJournal;
  readonly #implied: (path: string) => EntryMetadata | undefined;
  /** The directories above what was staged last, outermost first. */
  readonly #open: Open[] = [];
  readonly #linking = new Map<string, Promise<void>>();

  /** `implied` says what a directory gets that leads to an entry without being one itself. */
  constructor(
    staging: Staging,
    attributes: AttributeSetter,
    journal: DirectoryJournal,
    implied: (path: string) => EntryMetadata | undefined,
  ) {
    this.#implied = implied;
    this.#staging = staging;
    this.#attributes = attributes;
    this.#journal = journal;
  }

  /** Stages a directory. False when that place is taken already, which no sound tree asks for. */
  directory(path: string, metadata: EntryMetadata | undefined): boolean {
    if (!this.#enter(path)) return false;
    return this.#make(path, metadata);
  }

  /** Stages a link; false as `directory`. */
  symlink(path: string, entry: RestoreEntry, target: Buffer): boolean {
    if (!this.#enter(path)) return false;
    const at = this.#at(path);
    if (!exclusively(() => symlinkSync(target, at))) return false;
    this.#attributes.setNew(at, entry.path, 'symlink', entry.metadata);
    return true;
  }

  /** Starts to stage a file; `undefined` as `directory`. Rejects when its content can't be had or written. */
  file(path: string, entry: RestoreEntry): Promise<void> | undefined {
    return this.#enter(path) ? this.#file(this.#at(path), entry) : undefined;
  }

  /** To be called once all is staged: what the directories get is then in the journal. */
  finish(): void {
    this.#leave(0);
  }

  async #file(at: Buffer, entry: RestoreEntry): Promise<void> {
    const key = entry.metadata.hardLink;
    if (key === undefined) return this.#write(at, entry);
    const name = bytes(`${this.#staging.links}/${createHash('sha256').update(key).digest('hex')}`);
    for (let other = this.#linking.get(key); other !== undefined; other = this.#linking.get(key)) await other;
    if (existsSync(name)) {
      linkSync(name, at);
      return;
    }
    const written = this.#write(at, entry).then(() => linkSync(at, name));
    const settled = written.then(
      () => undefined,
      () => undefined,
    );
    this.#linking.set(key, settled);
    await written.finally(() => this.#linking.delete(key));
  }

  async #write(at: Buffer, entry: RestoreEntry): Promise<void> {
    await entry.writeFile(at, this.#attributes.modeOfNew(entry.metadata));
    this.#attributes.setNew(at, entry.path, 'file', entry.metadata);
  }

  /** Makes the directories above `path` the open ones. */
  #enter(path: string): boolean {
    let depth = 0;
    for (const { path: open } of this.#open) {
      if (open === '' ? path === '' : !path.startsWith(`${open}/`)) break;
      depth += 1;
    }
    if (path === '') return this.#open.length === 0;
    this.#leave(Math.max(depth, this.#open.length === 0 ? 0 : 1));
    if (this.#open.length === 0 && !this.#make('', this.#implied(''))) return false;
    const above = this.#open.at(-1)?.path ?? '';
    for (let from = above === '' ? 0 : above.length + 1; ;) {
      const end = path.indexOf('/', from);
      if (end < 0) return true;
      if (!this.#make(path.slice(0, end), this.#implied(path.slice(0, end)))) return false;
      from = end + 1;
    }
  }

  #make(path: string, metadata: EntryMetadata | undefined): boolean {
    if (!exclusively(() => mkdirSync(this.#at(path), { mode: 0o700 }))) return false;
    this.#open.push({ path, metadata });
    return true;
  }

  #leave(depth: number): void {
    while (this.#open.length > depth) {
      const left = this.#open.pop();
      if (left?.metadata !== undefined) this.#journal.append(left.path, left.metadata);
    }
  }

  #at(path: string): Buffer {
    return bytes(path === '' ? this.#staging.tree : `${this.#staging.tree}/${path}`);
  }
}

function exclusively(create: () => void): boolean {
  try {
    create();
    return true;
  } catch (error) {
    if (systemCode(error) === 'EEXIST') return false;
    throw error;
  }
}
