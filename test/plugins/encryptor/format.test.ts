/** Blocks that were sealed once must open forever: what is on disk is fixed here by other means than the code that writes it. */
import { expect, it } from 'vitest';
import aes256Gcm from '../../../plugins/encryptor/aes-256-gcm.ts';
import chacha20Poly1305 from '../../../plugins/encryptor/chacha20-poly1305.ts';

const secret = Uint8Array.from({ length: 32 }, (_, index) => index);
const associated = new TextEncoder().encode('repository, kind, position');
const plaintext = new TextEncoder().encode('what must not be lost');

it('aes-256-gcm seals as its format says, by the account of Web Crypto', async () => {
  const sealer = aes256Gcm.create({}).sealer(secret);
  const sealed = new Uint8Array(plaintext.length + 16);
  sealer.seal(plaintext, 0x01020304, associated, sealed);

  const info = new TextEncoder().encode('strongroom/1 object aes-256-gcm');
  const derivation = { name: 'HKDF', hash: 'SHA-256', salt: Uint8Array.from(sealer.envelope), info };
  const base = await crypto.subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
  const key = await crypto.subtle.deriveKey(derivation, base, { name: 'AES-GCM', length: 256 }, false, ['decrypt']);
  const iv = Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4);
  const opened = await crypto.subtle.decrypt({ name: 'AES-GCM', iv, additionalData: associated }, key, sealed);
  expect(Buffer.from(opened).toString()).toBe('what must not be lost');
});

// The vectors were made by the Python package cryptography.
const envelope = Buffer.alloc(32, 0x5a);
it.each([
  [aes256Gcm, '1caa587a80e14fbac65ad26ac463bd5f8701f0c08363330c11ef93f5f86c6d804344d87745'],
  [chacha20Poly1305, '38755844e22049da44da669e544c1b79924a4845832e09601e7d6668e005d5f3488ddf98d0'],
])('opens a block that was sealed by version 1.0.0: %#', (plugin, sealed) => {
  const opener = plugin.create({}).opener(secret, envelope);
  expect(Buffer.from(opener.open(Buffer.from(sealed, 'hex'), 7, associated)).toString()).toBe('what must not be lost');
});
