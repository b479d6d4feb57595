/** Loads what a repository says about where its chunks lie, and rebuilds it from the packs where it is incomplete. */
import type { StorageTarget } from '../contracts/index.ts';
import type { StrongroomError } from '../errors.ts';
import { damaged, isDamage } from './damage.ts';
import { HEADER_MAX, ObjectOpener, readHeader } from './sealing.ts';
import { objectKeys, ObjectKind, limits } from './format.ts';
import { decodeIndex, packKind, type PackEntry } from './index-object.ts';
import { toHex } from './hashing.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { type BlockDescription, PACK_MAGIC, packLength, readTrailer, TRAILER_BYTES } from './pack-layout.ts';
import { asDamage, openRecord, RECORD_MAX } from './record.ts';
import { inParallel } from './parallel.ts';

const READS_AT_ONCE = 8;

/**
 * Hands every pack that an index object names to `each`. Damaged index objects are returned; the packs they named are then found by
 * `readUnindexedPacks`.
 */
export async function readIndex(
  repository: OpenedRepository,
  each: (entry: PackEntry) => void,
): Promise<readonly StrongroomError[]> {
  const { storage, sealing, codecs } = repository;
  const damage: StrongroomError[] = [];
  await inParallel(READS_AT_ONCE, storage.list(objectKeys.index), async ({ key }) => {
    try {
      const object = await getWhole(storage, key, RECORD_MAX);
      const raw = openRecord(sealing, codecs, ObjectKind.index, object, key);
      try {
        for (const entry of decodeIndex(raw)) each(entry);
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

/** Lists the packs and hands those that `known` does not have to `each`, read from their own directories. Damaged packs are returned. */
export async function readUnindexedPacks(
  repository: OpenedRepository,
  known: (packId: string) => boolean,
  each: (entry: PackEntry) => void,
): Promise<readonly StrongroomError[]> {
  const damage: StrongroomError[] = [];
  await inParallel(READS_AT_ONCE, repository.storage.list(objectKeys.packs), async ({ key, size }) => {
    const id = key.slice(key.lastIndexOf('/') + 1);
    if (known(id)) return;
    try {
      const entry = await readPackDirectory(repository, key, id, size);
      try {
        each(entry);
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

/** Tells whether a pack that an index object names is there, with the length that its directory asks for. */
export async function packsThere({
  storage,
  sealing,
}: OpenedRepository): Promise<(entry: PackEntry, blocks: readonly BlockDescription[]) => boolean> {
  const sizes = new Map<string, number>();
  for await (const { key, size } of storage.list(objectKeys.packs)) sizes.set(key, size);
  const { overhead } = sealing.encryptor;
  return (entry, blocks) => sizes.get(objectKeys.pack(toHex(entry.id))) === packLength(entry, blocks, overhead);
}

async function readPackDirectory(
  repository: OpenedRepository,
  key: string,
  id: string,
  size: number,
): Promise<PackEntry> {
  const { storage, sealing } = repository;
  if (!/^[0-9a-f]{64}$/.test(id)) throw damaged(key, 0, 'its name is not an id');
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
    return { id: Buffer.from(id, 'hex'), kind, envelope, directory };
  } catch (error) {
    throw asDamage(error, key, at);
  }
}

/** A whole object of at most `most` bytes; throws a damage error for a longer one. */
export async function getWhole(storage: StorageTarget, key: string, most: number): Promise<Uint8Array> {
  const bytes = await storage.get(key, { offset: 0, length: most + 1 });
  if (bytes.length > most) throw damaged(key, most, 'it is too long');
  return bytes;
}
