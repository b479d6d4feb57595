/** Reads what a repository says about where its chunks lie, and what its packs themselves say where that is incomplete. */
import { release } from '../contracts/index.ts';
import type { StorageTarget, StoredObject } from '../contracts/index.ts';
import type { StrongroomError } from '../errors.ts';
import { damaged, isDamage } from './damage.ts';
import { HEADER_MAX, ObjectOpener, readHeader } from './sealing.ts';
import { ID_BYTES, objectKeys, ObjectKind, limits } from './format.ts';
import { decodeIndex, packKind, type PackEntry } from './index-object.ts';
import { toHex } from './hashing.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { PACK_MAGIC, readTrailer, TRAILER_BYTES } from './pack-layout.ts';
import { asDamage, openRecord, RECORD_MAX } from './record.ts';
import { inParallel } from './parallel.ts';

const READS_AT_ONCE = 8;

/** More listings than that mean that others write all the time; what they add since the first is not needed. */
const MOST_LISTINGS = 8;

export const isId = (name: string): boolean => /^[0-9a-f]{64}$/.test(name);

export interface IndexVisitor {
  /** A listing showed so many bytes of index objects that were not read yet. */
  readonly expect?: (bytes: number) => void;
  /** A pack that an index object names; its memory is not valid any more once this has returned. */
  readonly pack: (entry: PackEntry) => void;
}

/**
 * Hands every pack that an index object names to `visitor`, at least once. Lists again until nothing new shows: somebody may be
 * merging index objects, and what vanishes then is named by another that was there before. Damaged index objects are returned; the
 * packs they named are then found by `readUnindexedPacks`.
 */
export async function readIndex(
  repository: OpenedRepository,
  visitor: IndexVisitor,
): Promise<readonly StrongroomError[]> {
  const damage: StrongroomError[] = [];
  const done = new Set<string>();
  const missed = new Set<string>();
  const one = async ({ key }: StoredObject): Promise<void> => {
    try {
      await readIndexObject(repository, key, visitor.pack);
      done.add(key);
    } catch (error) {
      if (!isDamage(error)) throw error;
      const gone = error.code === 'STORAGE_OBJECT_MISSING';
      if (gone && !missed.has(key)) {
        missed.add(key);
        return;
      }
      // Listed again and missing again: it is not being merged.
      done.add(key);
      damage.push(error);
    }
  };
  for (let listing = 0; listing < MOST_LISTINGS; listing++) {
    const listed = await Array.fromAsync(repository.storage.list(objectKeys.index));
    const fresh = listed.filter(({ key }) => !done.has(key));
    // Not even one that shows nothing at all can be trusted alone.
    if (fresh.length === 0 && listing > 0) break;
    visitor.expect?.(fresh.reduce((sum, { size }) => sum + Math.min(size, RECORD_MAX), 0));
    await inParallel(READS_AT_ONCE, fresh, one);
  }
  await repository.indexCache?.keep(done);
  return damage;
}

/** Hands the packs of one index object to `each`; throws a damage error. */
export async function readIndexObject(
  repository: OpenedRepository,
  key: string,
  each: (entry: PackEntry) => void,
): Promise<void> {
  const raw = await openIndexObject(repository, key);
  try {
    for (const entry of decodeIndex(raw)) each(entry);
  } catch (error) {
    throw asDamage(error, key);
  }
  release(raw);
}

async function openIndexObject(repository: OpenedRepository, key: string): Promise<Uint8Array> {
  const { storage, indexCache } = repository;
  const id = key.slice(objectKeys.index.length);
  if (!isId(id)) throw damaged(key, 0, 'its name is not an id');
  const cached = await indexCache?.read(id);
  if (cached !== undefined) {
    try {
      return openChecked(repository, key, id, cached);
    } catch (error) {
      if (!isDamage(error)) throw error;
    }
  }
  const object = await getWhole(storage, key, RECORD_MAX);
  // Not before it is known to be good; its bytes are let go by opening it.
  const copy = indexCache === undefined ? undefined : Uint8Array.from(object);
  const raw = openChecked(repository, key, id, object);
  if (copy !== undefined) await indexCache?.write(id, copy);
  return raw;
}

function openChecked({ sealing, codecs }: OpenedRepository, key: string, id: string, object: Uint8Array): Uint8Array {
  if (toHex(object.subarray(-ID_BYTES)) !== id) throw damaged(key, 0, 'its content is not what its name says');
  const raw = openRecord(sealing, codecs, ObjectKind.index, object, key);
  release(object, raw);
  return raw;
}

/**
 * Lists the packs and hands those that `known` does not have to `each`, read from their own directories, with their lengths. Damaged
 * packs are returned.
 */
export async function readUnindexedPacks(
  repository: OpenedRepository,
  known: (packId: Uint8Array) => boolean,
  each: (entry: PackEntry, length: number) => void,
): Promise<readonly StrongroomError[]> {
  const damage: StrongroomError[] = [];
  await inParallel(READS_AT_ONCE, repository.storage.list(objectKeys.packs), async ({ key, size }) => {
    const name = key.slice(key.lastIndexOf('/') + 1);
    try {
      if (!isId(name)) throw damaged(key, 0, 'its name is not an id');
      const id = Buffer.from(name, 'hex');
      if (known(id)) return;
      const entry = await readPackDirectory(repository, key, id, size);
      try {
        each(entry, size);
      } catch (error) {
        throw asDamage(error, key);
      }
    } catch (error) {
      if (!isDamage(error)) throw error;
      damage.push(error);
    }
  });
  return damage;
}

async function readPackDirectory(
  repository: OpenedRepository,
  key: string,
  id: Uint8Array,
  size: number,
): Promise<PackEntry> {
  const { storage, sealing } = repository;
  if (size > limits.packBytes) throw damaged(key, limits.packBytes, 'it is too long');
  const trailerAt = Math.max(0, size - TRAILER_BYTES);
  let at = trailerAt;
  try {
    const trailer = readTrailer(await storage.get(key, { offset: trailerAt, length: TRAILER_BYTES }));
    at = trailerAt - trailer.directoryLength;
    if (at < 0) throw damaged(key, trailerAt, 'its directory is longer than the pack');
    const sealed = await storage.get(key, { offset: at, length: trailer.directoryLength });
    const header = readHeader(await storage.get(key, { offset: 0, length: HEADER_MAX }), PACK_MAGIC);
    const kind = packKind(header.kind, 5);
    const envelope = Uint8Array.from(header.envelope);
    const directory = new ObjectOpener(sealing, kind, envelope).open(sealed, trailer.blocks);
    return { id, kind, envelope, directory };
  } catch (error) {
    throw asDamage(error, key, at);
  }
}

/** A whole object of at most `most` bytes; throws a damage error for a longer one. */
export async function getWhole(
  storage: StorageTarget,
  key: string,
  most: number,
  into?: Uint8Array,
): Promise<Uint8Array> {
  const bytes = await storage.get(key, { offset: 0, length: most + 1 }, undefined, into);
  if (bytes.length > most) throw damaged(key, most, 'it is too long');
  return bytes;
}
