/** Reads chunks by id out of a repository's packs, one at a time, keeping the blocks opened last. */
import { release } from '../contracts/index.ts';
import { damaged } from './damage.ts';
import type { ChunkSource } from './chunk-source.ts';
import { objectKeys } from './format.ts';
import { KeyedHasher, toHex } from './hashing.ts';
import type { LocationIndex } from './location-index.ts';
import { BlockOpener, takeChunk } from './open-block.ts';
import type { OpenedRepository } from './opened-repository.ts';

/** Raw bytes of blocks kept. */
const CACHE_BYTES = 16 * 2 ** 20;

export class BlockReader implements ChunkSource {
  readonly #repository: OpenedRepository;
  readonly #index: LocationIndex;
  readonly #opener: BlockOpener;
  readonly #hasher: KeyedHasher;
  /** In the order of last use. */
  readonly #cache = new Map<number, Uint8Array>();
  #cached = 0;

  readonly #pending = new Map<number, Promise<Uint8Array>>();
  readonly #reuse: boolean;

  /** @param reuse whether the memory of blocks is let go of as they leave the cache: only for those who use `copyChunk` alone */
  constructor(repository: OpenedRepository, index: LocationIndex, { reuse = false } = {}) {
    this.#reuse = reuse;
    this.#repository = repository;
    this.#index = index;
    this.#opener = new BlockOpener(repository);
    this.#hasher = new KeyedHasher(repository.keys.chunkId);
  }

  async chunk(id: Uint8Array): Promise<Uint8Array> {
    const location = this.#index.find(id);
    if (location === undefined) throw missingChunk(id);
    const block = this.#index.block(location.block);
    const raw = this.#cache.get(location.block) ?? (await this.#fetch(location.block));
    this.#touch(location.block, raw);
    return takeChunk(this.#hasher, block, raw, location, id);
  }

  /** Copies a chunk to the beginning of `target`, where it must fit; answers its length. May be called again before it is done. */
  async copyChunk(id: Uint8Array, target: Uint8Array): Promise<number> {
    const location = this.#index.find(id);
    if (location === undefined) throw missingChunk(id);
    const block = this.#index.block(location.block);
    for (;;) {
      const raw = this.#cache.get(location.block) ?? (await this.#fetchOnce(location.block));
      // Several waited for it; it may have left the cache before this one had its turn.
      if (raw.length === 0 && block.rawLength > 0) continue;
      this.#touch(location.block, raw);
      target.set(takeChunk(this.#hasher, block, raw, location, id));
      return location.length;
    }
  }

  #fetchOnce(number: number): Promise<Uint8Array> {
    const known = this.#pending.get(number);
    if (known !== undefined) return known;
    const fetched = this.#fetch(number).finally(() => this.#pending.delete(number));
    this.#pending.set(number, fetched);
    return fetched;
  }

  async #fetch(number: number): Promise<Uint8Array> {
    const block = this.#index.block(number);
    const range = { offset: block.offset, length: block.storedLength };
    const sealed = await this.#repository.storage.get(objectKeys.pack(block.pack.id), range);
    const raw = this.#opener.open(block, sealed);
    release(sealed, raw);
    return raw;
  }

  #touch(number: number, raw: Uint8Array): void {
    if (this.#cache.delete(number)) this.#cached -= raw.length;
    this.#cache.set(number, raw);
    this.#cached += raw.length;
    for (const [oldest, bytes] of this.#cache) {
      if (this.#cached <= CACHE_BYTES || oldest === number) return;
      this.#cache.delete(oldest);
      this.#cached -= bytes.length;
      if (this.#reuse) release(bytes);
    }
  }
}

/** The error for a chunk that no pack holds any more. */
export const missingChunk = (id: Uint8Array): Error =>
  damaged(objectKeys.packs, 0, `no pack holds the chunk ${toHex(id)}`);
