/** Which packs are there, and how long they are: 38 bytes a pack. */
import { objectKeys } from './format.ts';
import { toHex } from './hashing.ts';
import { GrowingIdTable, IdScratch, PRESENT } from './id-table.ts';
import { isId } from './index-loader.ts';
import type { PackExtent } from './location-index.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { inParallel } from './parallel.ts';

const READS_AT_ONCE = 8;

export class PackListing {
  readonly #ids = new GrowingIdTable();
  readonly #sizes: number[] = [];
  readonly #scratch = new IdScratch();

  add(id: Uint8Array, size: number): void {
    const pack = this.#ids.add(this.#scratch.of(id));
    if (pack !== PRESENT) this.#sizes[pack] = size;
  }

  /** True for a pack that is there as long as it should be. */
  has({ id, length }: PackExtent): boolean {
    return this.#sizes[this.#ids.find(this.#scratch.of(id))] === length;
  }
}

/** Lists all packs. */
export async function listPacks({ storage }: OpenedRepository): Promise<PackListing> {
  const listing = new PackListing();
  for await (const { key, size } of storage.list(objectKeys.packs)) {
    const name = key.slice(key.lastIndexOf('/') + 1);
    // A pack in a folder that is not its own is not found by those who read it.
    if (isId(name) && key === objectKeys.pack(name)) listing.add(Buffer.from(name, 'hex'), size);
  }
  return listing;
}

/** Looks for these packs alone. */
export async function lookForPacks({ storage }: OpenedRepository, packs: readonly PackExtent[]): Promise<PackListing> {
  const listing = new PackListing();
  await inParallel(READS_AT_ONCE, packs, async ({ id }) => {
    const facts = await storage.stat(objectKeys.pack(toHex(id)));
    if (facts !== undefined) listing.add(id, facts.size);
  });
  return listing;
}
