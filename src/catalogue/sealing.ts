/**
 * Seals secrets for the catalogue's rows with the instance's key. Layout: version (1 byte, 1), nonce (12 bytes, random),
 * ciphertext, tag (16 bytes); AES-256-GCM under a key derived by HKDF-SHA-256. The place is authenticated with it, so that
 * what is sealed for one row does not open in another.
 */
import { createCipheriv, createDecipheriv, hkdfSync, randomBytes } from 'node:crypto';
import { StrongroomError } from '../errors.ts';

export interface Sealing {
  /** Seals `plaintext` for `place`, which names table, row and column, for instance `source/<id>/secrets`. */
  seal(plaintext: Uint8Array, place: string): Uint8Array<ArrayBuffer>;
  /** Opens what was sealed for `place`. Throws `SECRETS_UNREADABLE` with another key, for another place, or when changed. */
  open(sealed: Uint8Array, place: string): Uint8Array<ArrayBuffer>;
  /** 32 bytes for another purpose, for instance `download links`: the same for the same instance key, telling nothing of it. */
  deriveKey(purpose: string): Uint8Array<ArrayBuffer>;
}

/** Bytes of an instance key. */
export const INSTANCE_KEY_BYTES = 32;

const ALGORITHM = 'aes-256-gcm';
const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/** `instanceKey` has 32 bytes; it is not kept, only keys derived from it are. */
export function createSealing(instanceKey: Uint8Array): Sealing {
  if (instanceKey.length !== INSTANCE_KEY_BYTES) throw new RangeError('An instance key has 32 bytes.');
  const key = derive(instanceKey, 'seal');
  const derivation = derive(instanceKey, 'derive');

  return {
    seal(plaintext, place) {
      const nonce = randomBytes(NONCE_BYTES);
      const cipher = createCipheriv(ALGORITHM, key, nonce).setAAD(associated(place));
      const ciphertext = [cipher.update(plaintext), cipher.final()];
      return new Uint8Array(Buffer.concat([Buffer.of(VERSION), nonce, ...ciphertext, cipher.getAuthTag()]));
    },
    open(sealed, place) {
      const bytes = Buffer.from(sealed.buffer, sealed.byteOffset, sealed.length);
      if (bytes.length < 1 + NONCE_BYTES + TAG_BYTES) throw unreadable(place, 'they are cut short');
      if (bytes[0] !== VERSION) throw unreadable(place, `their version is ${bytes[0]}, known is ${VERSION}`);
      const nonce = bytes.subarray(1, 1 + NONCE_BYTES);
      const decipher = createDecipheriv(ALGORITHM, key, nonce, { authTagLength: TAG_BYTES })
        .setAAD(associated(place))
        .setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        const plaintext = decipher.update(bytes.subarray(1 + NONCE_BYTES, -TAG_BYTES));
        return new Uint8Array(Buffer.concat([plaintext, decipher.final()]));
      } catch (error) {
        throw unreadable(place, 'the instance key is another one, or they were changed', error);
      }
    },
    deriveKey: (purpose) => derive(derivation, purpose),
  };
}

const derive = (from: Uint8Array, purpose: string): Uint8Array<ArrayBuffer> =>
  new Uint8Array(hkdfSync('sha256', from, new Uint8Array(0), `strongroom instance ${purpose}`, 32));

const associated = (place: string): Buffer => Buffer.from(`strongroom sealed ${VERSION} ${place}`);

const unreadable = (subject: string, reason: string, cause?: unknown): StrongroomError<'SECRETS_UNREADABLE'> =>
  new StrongroomError('SECRETS_UNREADABLE', { subject, reason }, { cause });
