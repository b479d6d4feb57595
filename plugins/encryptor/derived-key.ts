/** Sealing with one AEAD cipher under a key derived anew for each object. */
import { createCipheriv, createDecipheriv, createSecretKey, hkdfSync, randomBytes } from 'node:crypto';
import type { CipherChaCha20Poly1305, CipherGCM, DecipherChaCha20Poly1305, DecipherGCM, KeyObject } from 'node:crypto';
import { copyBytes, type Encryptor, type Opener, type Sealer } from '../../src/contracts/index.ts';
import { StrongroomError } from '../../src/errors.ts';
import { isSequence, misuse, sealGuard } from './seal-guard.ts';

const SECRET_LENGTH = 32;
const SALT_LENGTH = 32;
const KEY_LENGTH = 32;
const NONCE_LENGTH = 12;
const TAG_LENGTH = 16;
/** Bytes sealed in one call: its result, which Node allocates, then stays in the processor's cache until it is copied. */
const SLICE = 256 * 1024;

/** Ciphers with 32-byte keys, 12-byte nonces and 16-byte tags, by the names that `node:crypto` and the format share. */
export type AeadCipher = 'aes-256-gcm' | 'chacha20-poly1305';

const refuse = (reason: string, cause?: unknown): never => {
  throw new StrongroomError('BLOCK_UNREADABLE', { reason }, cause === undefined ? {} : { cause });
};

/** HKDF-SHA-256 (RFC 5869); the info names what the key is for, so that no other use can ever arrive at it. */
function objectKey(cipher: AeadCipher, secret: Uint8Array, salt: Uint8Array): KeyObject {
  if (secret.length !== SECRET_LENGTH) throw misuse(`an encryptor was given a secret of ${secret.length} bytes`);
  return createSecretKey(Buffer.from(hkdfSync('sha256', secret, salt, `strongroom/1 object ${cipher}`, KEY_LENGTH)));
}

/** Four zero bytes, then the sequence as a 64-bit big-endian number. Unique because the key is the object's own. */
function nonceOf(sequence: number): Buffer {
  const nonce = Buffer.alloc(NONCE_LENGTH);
  nonce.writeUInt32BE(sequence, NONCE_LENGTH - 4);
  return nonce;
}

const options = { authTagLength: TAG_LENGTH };

// Each cipher by its own name, because that is how Node's types tell which of them authenticate.
const startSealing = (cipher: AeadCipher, key: KeyObject, nonce: Uint8Array): CipherGCM | CipherChaCha20Poly1305 =>
  cipher === 'aes-256-gcm'
    ? createCipheriv('aes-256-gcm', key, nonce, options)
    : createCipheriv('chacha20-poly1305', key, nonce, options);
const startOpening = (cipher: AeadCipher, key: KeyObject, nonce: Uint8Array): DecipherGCM | DecipherChaCha20Poly1305 =>
  cipher === 'aes-256-gcm'
    ? createDecipheriv('aes-256-gcm', key, nonce, options)
    : createDecipheriv('chacha20-poly1305', key, nonce, options);

function makeSealer(cipher: AeadCipher, secret: Uint8Array): Sealer {
  const salt = randomBytes(SALT_LENGTH);
  const key = objectKey(cipher, secret, salt);
  const guard = sealGuard(TAG_LENGTH);
  return {
    envelope: salt,
    seal(plaintext, sequence, associated, out) {
      guard(plaintext, sequence, out);
      const sealing = startSealing(cipher, key, nonceOf(sequence));
      sealing.setAAD(associated, { plaintextLength: plaintext.length });
      for (let at = 0; at < plaintext.length; at += SLICE) {
        const ciphertext = sealing.update(plaintext.subarray(at, at + SLICE));
        copyBytes(ciphertext, out, at);
        // Freed at once, not when the collector gets to it: there are many of these for every block.
        if (ciphertext.byteLength === ciphertext.buffer.byteLength) ciphertext.buffer.transfer(0);
      }
      sealing.final();
      out.set(sealing.getAuthTag(), plaintext.length);
      return plaintext.length + TAG_LENGTH;
    },
  };
}

function makeOpener(cipher: AeadCipher, secret: Uint8Array, envelope: Uint8Array): Opener {
  if (envelope.length !== SALT_LENGTH) refuse(`its envelope has ${envelope.length} bytes, not ${SALT_LENGTH}`);
  const key = objectKey(cipher, secret, envelope);
  return {
    open(sealed, sequence, associated) {
      if (!isSequence(sequence)) refuse(`there is no block number ${sequence}`);
      const length = sealed.length - TAG_LENGTH;
      if (length < 0) refuse('it is shorter than its seal');
      const opening = startOpening(cipher, key, nonceOf(sequence));
      opening.setAAD(associated, { plaintextLength: length });
      opening.setAuthTag(sealed.subarray(length));
      try {
        const plaintext = opening.update(sealed.subarray(0, length));
        opening.final();
        return plaintext;
      } catch (error) {
        return refuse('its seal is broken', error);
      }
    },
  };
}

/** An encryptor on `cipher`: the envelope is a random salt of 32 bytes, the seal a tag of 16 after the ciphertext. */
export const derivedKeyEncryptor = (cipher: AeadCipher): Encryptor => ({
  overhead: TAG_LENGTH,
  confidential: true,
  sealer: (secret) => makeSealer(cipher, secret),
  opener: (secret, envelope) => makeOpener(cipher, secret, envelope),
});
