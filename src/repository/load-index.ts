/** The index of a repository in memory, as writers and as readers need it. */
import type { StrongroomError } from '../errors.ts';
import { ID_BYTES } from './format.ts';
import { toHex } from './hashing.ts';
import { readIndex, readUnindexedPacks } from './index-loader.ts';
import type { PackEntry } from './index-object.ts';
import { LocationIndex, type PackExtent } from './location-index.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { listPacks, lookForPacks } from './pack-listing.ts';

export interface LoadedIndex {
  readonly index: LocationIndex;
  /** Index objects that could not be read. */
  readonly damage: readonly StrongroomError[];
}

/** Room that is made ahead at most, in chunks: what a listing says is not to be trusted. */
const MOST_AHEAD = 2 ** 24;

/** Contested packs are looked for one by one up to this number; beyond, listing all packs is quicker. */
const LOOKED_FOR = 256;

/** @param leaveOut gets every pack that is named, and answers true for one that is not to be added */
async function load(repository: OpenedRepository, leaveOut: (entry: PackEntry) => boolean): Promise<LoadedIndex> {
  const index = new LocationIndex(repository.sealing.encryptor.overhead);
  const damage = await readIndex(repository, {
    // Ids do not compress, so an object names no more chunks than that.
    expect: (bytes) => index.reserve(Math.min(Math.ceil(bytes / ID_BYTES), MOST_AHEAD)),
    pack: (entry) => {
      if (!leaveOut(entry)) index.addPack(entry);
    },
  });
  return { index, damage };
}

/**
 * The chunks that a writer may rely on: those in packs that are there with the length that their directory asks for, whatever an index
 * object says of others.
 */
export async function loadForWriting(repository: OpenedRepository): Promise<LoadedIndex> {
  const gone = new Set<string>();
  for (;;) {
    const [loaded, listing] = await both(
      load(repository, ({ id }) => gone.size > 0 && gone.has(toHex(id))),
      listPacks(repository),
    );
    const { index } = loaded;
    if (index.packs().every((pack) => listing.has(pack))) return loaded;
    // Another writer may have stored and named a pack while the listing went on.
    const later = await listPacks(repository);
    const known = gone.size;
    for (const pack of index.packs()) if (!later.has(pack)) gone.add(toHex(pack.id));
    if (gone.size === known) return loaded;
  }
}

/**
 * All chunks, also those whose packs are gone or cut short, so that they are named when they are missed; but a chunk that several packs
 * hold is found where it is whole. Where index objects are damaged, the packs that no other one names are read themselves.
 */
export async function loadForReading(repository: OpenedRepository): Promise<LoadedIndex> {
  const loaded = await loadCompletely(repository, () => false);
  const gone = new Set((await lacking(repository, loaded.index.contested())).map(({ id }) => toHex(id)));
  if (gone.size === 0) return loaded;
  const late: PackEntry[] = [];
  const again = await loadCompletely(repository, (entry) => {
    if (!gone.has(toHex(entry.id))) return false;
    const { id, kind, envelope, directory } = entry;
    late.push({
      id: Uint8Array.from(id),
      kind,
      envelope: Uint8Array.from(envelope),
      directory: Uint8Array.from(directory),
    });
    return true;
  });
  for (const entry of late) again.index.addPack(entry);
  return again;
}

async function loadCompletely(
  repository: OpenedRepository,
  leaveOut: (entry: PackEntry) => boolean,
): Promise<LoadedIndex> {
  const { index, damage } = await load(repository, leaveOut);
  if (damage.length === 0) return { index, damage };
  const further = await readUnindexedPacks(
    repository,
    (id) => index.hasPack(id),
    (entry) => index.addPack(entry),
  );
  return { index, damage: [...damage, ...further] };
}

async function lacking(repository: OpenedRepository, packs: readonly PackExtent[]): Promise<PackExtent[]> {
  const listing = await (packs.length > LOOKED_FOR ? listPacks(repository) : lookForPacks(repository, packs));
  return packs.filter((pack) => !listing.has(pack));
}

/** Waits for both even if one fails: nothing goes on behind the caller's back. */
async function both<A, B>(first: Promise<A>, second: Promise<B>): Promise<[A, B]> {
  await Promise.allSettled([first, second]);
  return [await first, await second];
}
