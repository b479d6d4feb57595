/** Gives restored files what the backup says of them: owner, extended attributes, mode and times. */
import { chmodSync, lchownSync } from 'node:fs';
import { pathToText } from '../../../src/contracts/index.ts';
import type { EntryMetadata, SourceContext, StoredEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { openNativeFiles, setModified } from './native.ts';
import { reasonOf, warningOf } from './warnings.ts';

const SET_ID_BITS = 0o6000;

/** Whom a file belongs to. */
export interface Owner {
  readonly uid: number;
  readonly gid: number;
}

/** Sets attributes; what can't be set becomes one warning for each kind of attribute, not one for each file. */
export class AttributeSetter {
  readonly #context: SourceContext;
  readonly #owner: Owner | undefined;
  readonly #native = openNativeFiles();
  readonly #user = process.geteuid?.() ?? 0;
  readonly #warned = new Set<string>();

  /** @param owner whom new things belong to where `setNew` is used */
  constructor(context: SourceContext, owner?: Owner) {
    this.#context = context;
    this.#owner = owner;
  }

  /** The mode that a file can be made with at once; `undefined` where something else has to be set before it. */
  modeOfNew(metadata: EntryMetadata): number | undefined {
    const { mode, extendedAttributes } = metadata;
    if (mode === undefined || !this.#isOwnedAnyway(metadata)) return undefined;
    return extendedAttributes === undefined || extendedAttributes.size === 0 ? mode : undefined;
  }

  /** As `set`, for what was just made, a file with `modeOfNew`: what it has anyway is not set again. */
  setNew(at: Buffer, path: Buffer, kind: StoredEntry['kind'], metadata: EntryMetadata): void {
    if (!this.#isOwnedAnyway(metadata)) return this.set(at, path, kind, metadata);
    const { uid: _uid, gid: _gid, mode, ...rest } = metadata;
    const made = kind === 'file' && this.modeOfNew(metadata) !== undefined;
    this.set(at, path, kind, mode === undefined || made ? rest : { ...rest, mode });
  }

  /**
   * Sets everything known of what lies at `at`, never through a link. `path` is its name for people. Order matters: a
   * change of owner clears set-id bits and capabilities, and a directory may lose the right to be written at its mode.
   */
  set(at: Buffer, path: Buffer, kind: StoredEntry['kind'], metadata: EntryMetadata): void {
    const { uid, gid, mode, mtimeNs, extendedAttributes } = metadata;
    const owned = uid === undefined || gid === undefined || this.#own(at, path, uid, gid);
    for (const [name, value] of extendedAttributes ?? []) this.#attribute(at, path, name, value);
    if (mode !== undefined && kind !== 'symlink') {
      this.#attempt('The mode', path, () => chmodSync(at, owned ? mode : mode & ~SET_ID_BITS));
    }
    if (mtimeNs !== undefined) this.#attempt('The time', path, () => setModified(at, mtimeNs, this.#native));
  }

  #isOwnedAnyway({ uid, gid }: EntryMetadata): boolean {
    return uid !== undefined && uid === this.#owner?.uid && gid === this.#owner.gid;
  }

  #own(at: Buffer, path: Buffer, uid: number, gid: number): boolean {
    if (this.#user === 0) return this.#attempt('The owner', path, () => lchownSync(at, uid, gid));
    if (uid === this.#user && gid === process.getegid?.()) return true;
    this.#warn('The owner', path, 'only the superuser may give files away');
    return false;
  }

  #attribute(at: Buffer, path: Buffer, name: string, value: Uint8Array): void {
    const native = this.#native;
    if (native === undefined) this.#warn('The extended attribute', path, 'this platform has none');
    else this.#attempt(`The extended attribute ${name}`, path, () => native.setAttribute(at, name, value));
  }

  #attempt(attribute: string, path: Buffer, set: () => void): boolean {
    try {
      set();
      return true;
    } catch (error) {
      this.#warn(attribute, path, reasonOf(error));
      return false;
    }
  }

  #warn(attribute: string, path: Buffer, reason: string): void {
    if (this.#warned.has(attribute)) return;
    this.#warned.add(attribute);
    const text = pathToText(path);
    const said = `${reason}; it is not said again for others`;
    this.#context.warn(
      warningOf(new StrongroomError('RESTORE_ATTRIBUTE', { attribute, path: text, reason: said }), text),
    );
  }
}
