/** Makes few large index objects of many small ones. */
import { isDamage } from './damage.ts';
import { limits, ObjectKind, objectKeys } from './format.ts';
import { toHex } from './hashing.ts';
import { GrowingIdTable, IdScratch, PRESENT } from './id-table.ts';
import { isId, readIndexObject } from './index-loader.ts';
import { encodeIndex, type PackEntry, packEntryBytes } from './index-object.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { sealRecord } from './record.ts';

/** Merged objects are up to this long, plain: far below the format's limit, so that several can be read at once. */
const MERGED_BYTES = limits.indexPart / 4;
/** Objects below this size are worth merging, in bytes as stored. */
const SMALL_BYTES = MERGED_BYTES / 4;
/** So many of them may be. */
const MOST_SMALL = 32;

/**
 * Merges small index objects once there are too many. What was merged is removed only when everything that it named is durable in
 * objects written by this very call: so whatever else is merged, removed or interrupted at the same time, every pack stays named, and all
 * that can come of it is that one is named twice. Damaged objects stay as they are. Memory is bounded by one merged object and 38 bytes
 * a pack.
 *
 * Throws what the storage target does. Nothing is lost then: where it refuses to remove (`STORAGE_DENIED`), the merged objects stay
 * beside the small ones, and these count no more.
 * @returns bytes written
 */
export async function mergeIndex(repository: OpenedRepository): Promise<number> {
  const listed = await Array.fromAsync(repository.storage.list(objectKeys.index));
  const small = listed.filter(({ key, size }) => size < SMALL_BYTES && isId(key.slice(objectKeys.index.length)));
  if (small.length <= MOST_SMALL) return 0;
  const smallKeys = new Set(small.map(({ key }) => key));
  const largestFirst = listed.toSorted((a, b) => b.size - a.size || (a.key < b.key ? -1 : 1));
  const named = new PackSet();
  let worthwhile = 0;
  for (const { key } of largestFirst) {
    let isNew = false;
    await readUnlessDamaged(repository, key, ({ id }) => {
      if (named.add(id)) isNew = true;
    });
    if (isNew && smallKeys.has(key)) worthwhile += 1;
  }
  // What an earlier merging wrote and could not remove is named by larger ones.
  return worthwhile <= MOST_SMALL ? 0 : mergeAll(repository, smallKeys);
}

async function mergeAll(repository: OpenedRepository, keys: ReadonlySet<string>): Promise<number> {
  const writer = new MergedWriter(repository);
  const merged: string[] = [];
  for (const key of keys) {
    const entries: PackEntry[] = [];
    const whole = await readUnlessDamaged(repository, key, (entry) => entries.push(copied(entry)));
    if (!whole) continue;
    for (const entry of entries) await writer.add(entry);
    merged.push(key);
  }
  await writer.flush();
  await repository.storage.remove(merged);
  return writer.writtenBytes;
}

/** False for an object that can't be read, or was merged by somebody else meanwhile. */
async function readUnlessDamaged(
  repository: OpenedRepository,
  key: string,
  each: (entry: PackEntry) => void,
): Promise<boolean> {
  try {
    await readIndexObject(repository, key, each);
    return true;
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}

class MergedWriter {
  readonly #repository: OpenedRepository;
  readonly #packs = new PackSet();
  #entries: PackEntry[] = [];
  #bytes = 0;
  writtenBytes = 0;

  constructor(repository: OpenedRepository) {
    this.#repository = repository;
  }

  async add(entry: PackEntry): Promise<void> {
    if (!this.#packs.add(entry.id)) return;
    const bytes = packEntryBytes(entry);
    if (this.#bytes + bytes > MERGED_BYTES) await this.flush();
    this.#entries.push(entry);
    this.#bytes += bytes;
  }

  async flush(): Promise<void> {
    if (this.#entries.length === 0) return;
    const { sealing, codecs, storage } = this.#repository;
    const { id, bytes } = sealRecord(sealing, codecs, ObjectKind.index, encodeIndex(this.#entries));
    this.#entries = [];
    this.#bytes = 0;
    await storage.put(objectKeys.indexObject(toHex(id)), bytes);
    this.writtenBytes += bytes.length;
  }
}

/** Packs met so far. */
class PackSet {
  readonly #ids = new GrowingIdTable();
  readonly #scratch = new IdScratch();

  /** True for one that was not there. */
  add(id: Uint8Array): boolean {
    return this.#ids.add(this.#scratch.of(id)) !== PRESENT;
  }
}

const copied = ({ id, kind, envelope, directory }: PackEntry): PackEntry => ({
  id: Uint8Array.from(id),
  kind,
  envelope: Uint8Array.from(envelope),
  directory: Uint8Array.from(directory),
});
