/** Key slots: the master key, wrapped once for each passphrase or key file (docs/format.md, "Keys"). */
import { argon2, createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { z } from 'zod';
import { StrongroomError } from '../errors.ts';
import { damaged } from './damage.ts';
import { limits, objectKeys } from './format.ts';
import { hashBytes } from './hashing.ts';

/** What Argon2id made of a passphrase for one slot. Opens that slot, as long as it is there, without deriving it again. */
export interface DerivedKey {
  /** The slot's salt and cost, in words. */
  readonly from: string;
  /** 32 bytes. */
  readonly key: Uint8Array;
}

/** What opens a repository. */
export type SlotKey =
  /** `derived`: from this very passphrase; one for another slot is no hindrance. */
  | { readonly kind: 'passphrase'; readonly passphrase: string; readonly derived?: DerivedKey }
  | { readonly kind: 'keyFile'; readonly content: Uint8Array }
  | { readonly kind: 'none' };

const binary = z.base64().transform((text) => Buffer.from(text, 'base64'));

const slotSchema = z.strictObject({
  slot: z.string().regex(/^[0-9a-f]{16}$/),
  kind: z.enum(['passphrase', 'keyFile', 'none']),
  createdAt: z.iso.datetime(),
  kdf: z
    .strictObject({
      name: z.literal('argon2id'),
      memoryKiB: z
        .int()
        .min(8192)
        .max(2 ** 20),
      passes: z.int().min(1).max(16),
      lanes: z.int().min(1).max(64),
    })
    .optional(),
  salt: binary.optional(),
  nonce: binary.optional(),
  wrapped: binary,
});
const storedSchema = slotSchema.extend({ checksum: z.string() });

export type KeySlot = z.output<typeof slotSchema>;
type Kdf = NonNullable<KeySlot['kdf']>;

/** RFC 9106, section 4, second recommended option: uniformly safe with 64 MiB of memory. */
const ARGON2: Kdf = { name: 'argon2id', memoryKiB: 65_536, passes: 3, lanes: 4 };

const argon2Async = promisify(argon2);

/** Wraps a master key for one key. */
export async function makeSlot(
  key: SlotKey,
  masterKey: Uint8Array,
  repositoryId: Uint8Array,
  createdAt: Date,
): Promise<KeySlot> {
  const slot = randomBytes(8).toString('hex');
  const base = { slot, kind: key.kind, createdAt: createdAt.toISOString() };
  if (key.kind === 'none') return { ...base, wrapped: Buffer.from(masterKey) };
  const salt = randomBytes(16);
  const nonce = randomBytes(12);
  const { key: wrapping } = await wrappingKey(key, salt, ARGON2);
  const cipher = createCipheriv('aes-256-gcm', wrapping, nonce);
  cipher.setAAD(associated(repositoryId, slot));
  const wrapped = Buffer.concat([cipher.update(masterKey), cipher.final(), cipher.getAuthTag()]);
  return { ...base, ...(key.kind === 'passphrase' && { kdf: ARGON2 }), salt, nonce, wrapped };
}

/** A master key, and what was derived from a passphrase to get at it. */
export interface OpenedSlot {
  readonly masterKey: Uint8Array;
  readonly derived?: DerivedKey;
}

/** The master key, or `undefined` when this key does not open this slot. */
export async function openSlot(slot: KeySlot, key: SlotKey, repositoryId: Uint8Array): Promise<OpenedSlot | undefined> {
  if (slot.kind !== key.kind) return undefined;
  const { salt, nonce, kdf, wrapped } = slot;
  const wrongLengths = (): Error => damaged(objectKeys.slot(slot.slot), 0, 'its parts have wrong lengths');
  if (key.kind === 'none') {
    if (wrapped.length !== 32) throw wrongLengths();
    return { masterKey: wrapped };
  }
  if (salt?.length !== 16 || nonce?.length !== 12 || wrapped.length !== 48) throw wrongLengths();
  const wrapping = await wrappingKey(key, salt, kdf ?? ARGON2);
  const decipher = createDecipheriv('aes-256-gcm', wrapping.key, nonce);
  decipher.setAAD(associated(repositoryId, slot.slot));
  decipher.setAuthTag(wrapped.subarray(32));
  const masterKey = decipher.update(wrapped.subarray(0, 32));
  try {
    decipher.final();
    return { masterKey, ...(key.kind === 'passphrase' && { derived: wrapping }) };
  } catch {
    // The tag does not fit: another passphrase, or a changed slot; the caller tries the others and then says so.
    return undefined;
  }
}

export function encodeSlot(slot: KeySlot): Buffer {
  const plain = plainSlot(slot);
  return Buffer.from(`${JSON.stringify({ ...plain, checksum: checksumOf(plain) }, null, 2)}\n`);
}

/** As JSON has it, keys in the order of the format. */
function plainSlot({ slot, kind, createdAt, kdf, salt, nonce, wrapped }: KeySlot): object {
  const text = (bytes: Buffer | undefined): string | undefined => bytes?.toString('base64');
  return { slot, kind, createdAt, kdf, salt: text(salt), nonce: text(nonce), wrapped: text(wrapped) };
}

/** Tells a damaged slot from a wrong passphrase; keeps nobody from changing it. */
const checksumOf = (plain: object): string => hashBytes(Buffer.from(JSON.stringify(plain))).toString('hex');

/** Throws `REPOSITORY_DAMAGED` for bytes that are no slot, or not the one its name says. */
export function decodeSlot(bytes: Uint8Array, slot: string): KeySlot {
  const key = objectKeys.slot(slot);
  if (bytes.length > limits.keySlot) throw damaged(key, limits.keySlot, 'it is too long');
  let json: unknown;
  try {
    json = JSON.parse(Buffer.from(bytes).toString('utf8'));
  } catch (error) {
    throw damaged(key, 0, 'it is not JSON', error);
  }
  const parsed = storedSchema.safeParse(json);
  if (!parsed.success) throw damaged(key, 0, z.prettifyError(parsed.error).replaceAll('\n', ' '));
  const { checksum, ...stored } = parsed.data;
  if (stored.slot !== slot) throw damaged(key, 0, 'it is the slot of another name');
  if (checksumOf(plainSlot(stored)) !== checksum) throw damaged(key, 0, 'its checksum is wrong');
  return stored;
}

/** Throws `INPUT_INVALID` for a key that is too weak to be used. */
export function checkNewKey(key: SlotKey): void {
  if (key.kind === 'passphrase' && key.passphrase.length < 8) {
    throw new StrongroomError('INPUT_INVALID', { field: 'passphrase', reason: 'it needs at least 8 characters.' });
  }
  if (key.kind === 'keyFile' && (key.content.length < 32 || key.content.length > 65_536)) {
    throw new StrongroomError('INPUT_INVALID', { field: 'keyFile', reason: 'it needs 32 bytes to 64 KiB.' });
  }
}

async function wrappingKey(key: Exclude<SlotKey, { kind: 'none' }>, salt: Buffer, kdf: Kdf): Promise<DerivedKey> {
  const from = `${kdf.name} ${kdf.memoryKiB} ${kdf.passes} ${kdf.lanes} ${salt.toString('hex')}`;
  if (key.kind === 'keyFile') {
    return { from, key: new Uint8Array(hkdfSync('sha256', key.content, salt, 'strongroom/1 key-file', 32)) };
  }
  if (key.derived?.from === from) return key.derived;
  const derived = await argon2Async('argon2id', {
    message: Buffer.from(key.passphrase.normalize('NFC')),
    nonce: salt,
    parallelism: kdf.lanes,
    tagLength: 32,
    memory: kdf.memoryKiB,
    passes: kdf.passes,
  });
  return { from, key: derived };
}

const associated = (repositoryId: Uint8Array, slot: string): Buffer =>
  Buffer.concat([repositoryId, Buffer.from(slot, 'latin1')]);
