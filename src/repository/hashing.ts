/** BLAKE3, plain and keyed. */
import { blake3, Blake3Hasher } from '@napi-rs/blake-hash';
import { asBuffer } from './bytes.ts';

/** An id in lower-case hexadecimal, as object names have it. */
export const toHex = (id: Uint8Array): string => asBuffer(id).toString('hex');

/** BLAKE3 of some bytes: 32 bytes. */
export const hashBytes = (bytes: Uint8Array): Buffer => blake3(bytes);

/** Keyed BLAKE3 under one key, reusing one hasher. */
export class KeyedHasher {
  readonly #hasher: Blake3Hasher;

  constructor(key: Uint8Array) {
    this.#hasher = Blake3Hasher.newKeyed(asBuffer(key));
  }

  /** 32 bytes, the caller's own. */
  hash(bytes: Uint8Array): Buffer {
    this.#hasher.reset();
    // By way of text: a buffer made by the library lies outside the heap, and costs the collector more than hashing a small file does.
    return Buffer.from(this.#hasher.update(bytes).digest('hex'), 'hex');
  }
}
