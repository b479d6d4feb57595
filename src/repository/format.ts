/** Numbers and names of format version 1; docs/format.md explains each. */

export const FORMAT_VERSION = 1;

/** What a sealed object is; part of what every seal authenticates. Append-only. */
export const ObjectKind = { dataPack: 1, treePack: 2, index: 3, snapshot: 4, tombstone: 5 } as const;
export type ObjectKind = (typeof ObjectKind)[keyof typeof ObjectKind];
export type PackKind = typeof ObjectKind.dataPack | typeof ObjectKind.treePack;

export const ID_BYTES = 32;

/** Upper limits, in bytes unless said otherwise. A reader refuses whatever passes them before taking memory. */
export const limits = {
  envelope: 4096,
  packBytes: 96 * 2 ** 20,
  packChunks: 65_536,
  blockRaw: 8 * 2 ** 20 + 512 * 2 ** 10,
  recordRaw: 64 * 2 ** 20,
  indexPart: 16 * 2 ** 20,
  description: 64 * 2 ** 10,
  keySlot: 4096,
  keySlots: 64,
  name: 4096,
  linkTarget: 65_536,
  hardLink: 64,
  attributes: 1024,
  attributeBytes: 128 * 2 ** 10,
  contentIds: 4096,
  contentDepth: 4,
} as const;

/** Sizes a new repository gets; see "Defaults" in docs/format.md. */
export const defaults = {
  chunker: { name: 'gear32', min: 512 * 2 ** 10, average: 512 * 2 ** 10, max: 2 * 2 ** 20 },
  packSize: 8 * 2 ** 20,
  blockSize: 4 * 2 ** 20,
} as const;

export const objectKeys = {
  description: 'repository.json',
  slots: 'keys/',
  packs: 'packs/',
  index: 'index/',
  snapshots: 'snapshots/',
  slot: (slot: string): string => `keys/${slot}`,
  pack: (id: string): string => `packs/${id.slice(0, 2)}/${id}`,
  indexObject: (id: string): string => `index/${id}`,
  snapshot: (id: string): string => `snapshots/${id}`,
} as const;
