/** Stores finished packs and then names them in index objects: the write order of docs/format.md, invariant 1. */
import { StrongroomError } from '../errors.ts';
import { limits, objectKeys, ObjectKind } from './format.ts';
import { toHex } from './hashing.ts';
import { encodeIndex, type PackEntry, packEntryBytes } from './index-object.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { sealRecord } from './record.ts';

/** A pack on its way to the storage target. */
export interface PackToStore extends PackEntry {
  readonly bytes: Uint8Array;
}

/** An index object is written after this many packs, so that a run that is killed has little to look for. */
const PACKS_AN_INDEX = 64;

export class PackStore {
  readonly #repository: OpenedRepository;
  readonly #onFailure: (error: unknown) => void;
  readonly #queue: { readonly pack: PackToStore; readonly release: () => void }[] = [];
  readonly #waiting: (() => void)[] = [];
  #unindexed: PackEntry[] = [];
  #unindexedBytes = 0;
  #running = 0;
  #storedBytes = 0;
  #failure: { readonly error: unknown } | undefined;
  readonly #abandoned = new AbortController();

  /** @param onFailure is called at the first put that fails; nothing more is stored afterwards */
  constructor(repository: OpenedRepository, onFailure: (error: unknown) => void) {
    this.#repository = repository;
    this.#onFailure = onFailure;
  }

  /** Bytes of all objects stored. */
  get storedBytes(): number {
    return this.#storedBytes;
  }

  /** Packs not stored yet. */
  get backlog(): number {
    return this.#queue.length + this.#running;
  }

  /** Takes a pack to be stored as soon as the target has room; `release` is called once, when its bytes are no longer needed. */
  accept(pack: PackToStore, release: () => void): void {
    this.#queue.push({ pack, release });
    this.#pump();
  }

  /** Resolves when at most `most` packs wait; rejects when one could not be stored. */
  async settle(most = 0): Promise<void> {
    while (this.#failure === undefined && this.backlog > most) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Stores what is left and names all of it in the index. */
  async finish(): Promise<void> {
    await this.settle();
    await this.#writeIndex();
  }

  /** Takes no further pack on its way, and ends those that are; what they come to does not matter any more. */
  async abandon(): Promise<void> {
    this.#failure ??= { error: new StrongroomError('CANCELLED', {}) };
    this.#abandoned.abort();
    this.#queue.length = 0;
    while (this.#running > 0) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #pump(): void {
    const { parallelPuts } = this.#repository.storage.capabilities;
    while (this.#failure === undefined && this.#running < parallelPuts) {
      const next = this.#queue.shift();
      if (next === undefined) return;
      this.#running += 1;
      void this.#store(next.pack, next.release);
    }
  }

  /** Never rejects: a failure is kept for `settle` and told to `onFailure`. */
  async #store(pack: PackToStore, release: () => void): Promise<void> {
    const releaseOnce = once(release);
    try {
      const { id, kind, envelope, directory, bytes } = pack;
      const { length } = bytes;
      const options = { onTaken: releaseOnce, signal: this.#abandoned.signal };
      await this.#repository.storage.put(objectKeys.pack(toHex(id)), bytes, options);
      this.#storedBytes += length;
      releaseOnce();
      await this.#remember({ id, kind, envelope, directory });
    } catch (error) {
      if (this.#failure === undefined) {
        this.#failure = { error };
        this.#onFailure(error);
      }
    } finally {
      this.#running -= 1;
      for (const resolve of this.#waiting.splice(0)) resolve();
      this.#pump();
    }
  }

  async #remember(entry: PackEntry): Promise<void> {
    if (this.#unindexedBytes + packEntryBytes(entry) > limits.indexPart) await this.#writeIndex();
    this.#unindexed.push(entry);
    this.#unindexedBytes += packEntryBytes(entry);
    if (this.#unindexed.length >= PACKS_AN_INDEX) await this.#writeIndex();
  }

  async #writeIndex(): Promise<void> {
    const entries = this.#unindexed;
    if (entries.length === 0) return;
    this.#unindexed = [];
    this.#unindexedBytes = 0;
    const { sealing, codecs, storage } = this.#repository;
    const { id, bytes } = sealRecord(sealing, codecs, ObjectKind.index, encodeIndex(entries));
    await storage.put(objectKeys.indexObject(toHex(id)), bytes, { signal: this.#abandoned.signal });
    this.#storedBytes += bytes.length;
  }

  /** Packs that an earlier attempt stored without naming them; they are named with the next index object. */
  async adopt(entry: PackEntry): Promise<void> {
    await this.#remember({ ...entry, directory: Uint8Array.from(entry.directory) });
  }
}

function once(action: () => void): () => void {
  let done = false;
  return () => {
    if (!done) action();
    done = true;
  };
}
