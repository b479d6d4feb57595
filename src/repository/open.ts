/** Creating and opening repositories. */
import { randomBytes } from 'node:crypto';
import type { StorageTarget } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';
import { checkDescription, decodeDescription, encodeDescription, type RepositoryDescription } from './description.ts';
import { damaged, isDamage } from './damage.ts';
import { defaults, FORMAT_VERSION, limits, objectKeys } from './format.ts';
import { checkNewKey, decodeSlot, encodeSlot, type KeySlot, makeSlot, openSlot, type SlotKey } from './key-slots.ts';
import { type CodecSource, makeTools, type OpenedRepository, openSecrets } from './opened-repository.ts';

/** What a repository is expected to be. */
export interface Expected {
  /** Its id, where it is known: another one found there is refused with `REPOSITORY_MISMATCH`. */
  readonly id?: string;
  /** Where it is, in words, for `REPOSITORY_MISSING`. */
  readonly location: string;
}

/** How a new repository stores its data. */
export interface Design {
  readonly compressor: { readonly name: string; readonly configuration: Readonly<Record<string, unknown>> };
  /** The one that suits each block when absent. */
  readonly level?: number;
  readonly encryptor: { readonly name: string; readonly configuration: Readonly<Record<string, unknown>> };
}

/**
 * Makes a repository in an empty place and opens it. `REPOSITORY_EXISTS` where there is one, `REPOSITORY_PLACE_OCCUPIED` where there is something else. If it fails half way, what is left is a
 * key slot without a description, which a later call is not hindered by.
 */
export async function createRepository(
  storage: StorageTarget,
  codecs: CodecSource,
  design: Design,
  key: SlotKey,
  now: Date,
  location: string,
): Promise<OpenedRepository> {
  const compressor = codecs.compressor(design.compressor.name, design.compressor.configuration);
  const encryptor = codecs.encryptor(design.encryptor.name, design.encryptor.configuration);
  checkDesign(design, compressor.levels, encryptor.confidential, key);
  await refuseExisting(storage, location);
  const masterKey = randomBytes(32);
  const id = randomBytes(16);
  const description: RepositoryDescription = {
    format: FORMAT_VERSION,
    id: id.toString('hex'),
    createdAt: now.toISOString(),
    chunker: defaults.chunker,
    packSize: defaults.packSize,
    blockSize: defaults.blockSize,
    codecs: ['raw', design.compressor.name],
    compression: {
      codec: 1,
      level: design.level ?? 'auto',
      configuration: design.compressor.configuration,
    },
    encryptor: { name: design.encryptor.name, configuration: design.encryptor.configuration },
  };
  const secrets = openSecrets(description, masterKey);
  const slot = await makeSlot(key, masterKey, id, now);
  await storage.put(objectKeys.slot(slot.slot), encodeSlot(slot), { ifAbsent: true });
  const bytes = encodeDescription(description, secrets.keys.description);
  if ((await storage.put(objectKeys.description, bytes, { ifAbsent: true })) === 'exists') {
    await storage.remove([objectKeys.slot(slot.slot)]);
    throw new StrongroomError('REPOSITORY_EXISTS', { location });
  }
  return { ...makeTools(secrets, codecs), storage, slot: slot.slot };
}

/** Opens a repository and checks that nobody changed its description. */
export async function openRepository(
  storage: StorageTarget,
  codecs: CodecSource,
  key: SlotKey,
  expected: Expected,
): Promise<OpenedRepository> {
  const { unchecked, masterKey, slot, derived } = await unlock(storage, key, expected);
  const secrets = openSecrets(unchecked.description, masterKey);
  checkDescription(unchecked, secrets.keys.description);
  return { ...makeTools(secrets, codecs), storage, slot, ...(derived !== undefined && { derived }) };
}

/** Every readable key slot; damaged ones are left to whoever verifies. */
export async function listSlots(storage: StorageTarget): Promise<readonly KeySlot[]> {
  return (await readSlots(storage)).slots;
}

/** Adds a slot that opens with `added`. */
export async function addSlot(
  storage: StorageTarget,
  key: SlotKey,
  added: SlotKey,
  now: Date,
  expected: Expected,
): Promise<KeySlot> {
  checkNewKey(added);
  if (added.kind === 'none') throw new StrongroomError('INPUT_INVALID', { field: 'key', reason: 'it opens nothing.' });
  const { unchecked, masterKey } = await unlock(storage, key, expected);
  const slot = await makeSlot(added, masterKey, Buffer.from(unchecked.description.id, 'hex'), now);
  await storage.put(objectKeys.slot(slot.slot), encodeSlot(slot), { ifAbsent: true });
  return slot;
}

/** Removes a slot, never the last that can be read. */
export async function removeSlot(storage: StorageTarget, slot: string): Promise<void> {
  const { slots } = await readSlots(storage);
  if (!slots.some((known) => known.slot === slot)) {
    throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'key slot', id: slot });
  }
  if (slots.length === 1) throw new StrongroomError('REPOSITORY_KEY_LAST', { slot });
  await storage.remove([objectKeys.slot(slot)]);
}

async function unlock(storage: StorageTarget, key: SlotKey, { id: expectedId, location }: Expected) {
  const stat = await storage.stat(objectKeys.description);
  if (stat === undefined) throw new StrongroomError('REPOSITORY_MISSING', { location });
  const bytes = await storage.get(objectKeys.description, { offset: 0, length: limits.description + 1 });
  const unchecked = decodeDescription(bytes);
  const { id } = unchecked.description;
  if (expectedId !== undefined && expectedId !== id) {
    throw new StrongroomError('REPOSITORY_MISMATCH', { found: id, expected: expectedId });
  }
  const { slots, damage } = await readSlots(storage);
  for (const slot of slots) {
    try {
      const opened = await openSlot(slot, key, Buffer.from(id, 'hex'));
      if (opened !== undefined) return { unchecked, ...opened, slot: slot.slot };
    } catch (error) {
      if (!isDamage(error)) throw error;
      damage.push(error);
    }
  }
  const [first] = damage;
  if (first !== undefined) throw first;
  if (slots.length === 0) throw damaged(objectKeys.slots, 0, 'there is no key slot');
  throw new StrongroomError('REPOSITORY_KEY_WRONG', { kind: KEY_NAMES[key.kind] });
}

const KEY_NAMES = { passphrase: 'passphrase', keyFile: 'key file', none: 'absence of a key' } as const;

async function readSlots(storage: StorageTarget): Promise<{ slots: KeySlot[]; damage: StrongroomError[] }> {
  const slots: KeySlot[] = [];
  const damage: StrongroomError[] = [];
  for await (const { key } of storage.list(objectKeys.slots)) {
    if (slots.length + damage.length >= limits.keySlots) break;
    try {
      const bytes = await storage.get(key, { offset: 0, length: limits.keySlot + 1 });
      slots.push(decodeSlot(bytes, key.slice(objectKeys.slots.length)));
    } catch (error) {
      if (!isDamage(error)) throw error;
      damage.push(error);
    }
  }
  return { slots, damage };
}

/** Key slots alone are what a creation that failed half way leaves; anything else is somebody's. */
async function refuseExisting(storage: StorageTarget, location: string): Promise<void> {
  if ((await storage.stat(objectKeys.description)) !== undefined) {
    throw new StrongroomError('REPOSITORY_EXISTS', { location });
  }
  for await (const { key } of storage.list('')) {
    if (key.startsWith(objectKeys.slots)) continue;
    throw new StrongroomError('REPOSITORY_PLACE_OCCUPIED', { location, object: key });
  }
}

function checkDesign(
  design: Design,
  levels: { readonly min: number; readonly max: number },
  confidential: boolean,
  key: SlotKey,
): void {
  checkNewKey(key);
  const refuse = (field: string, reason: string): never => {
    throw new StrongroomError('INPUT_INVALID', { field, reason });
  };
  const { level } = design;
  if (level !== undefined && (!Number.isInteger(level) || level < levels.min || level > levels.max)) {
    refuse('compressionLevel', `${design.compressor.name} takes ${levels.min} to ${levels.max}.`);
  }
  if (confidential && key.kind === 'none')
    refuse('passphrase', 'an encrypted repository needs a passphrase or a key file.');
  if (!confidential && key.kind !== 'none') refuse('passphrase', 'a repository without encryption takes none.');
}
