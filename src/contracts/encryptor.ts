/** Seals stored objects. Called synchronously in the engine's own threads. */

/**
 * Seals the blocks of one stored object under a key that no other object shares. Not to be used after an error.
 */
export interface Sealer {
  /** What an opener needs, besides the key; stored in clear in the object's header. At most 4,096 bytes. */
  readonly envelope: Uint8Array;
  /**
   * Seals `plaintext` into `out` and returns the number of bytes written: `plaintext.length + overhead`.
   * `sequence` is the block's number in its object (0 to 2^32 - 1), to be used once: it makes the nonce.
   * `associated` is authenticated but not stored. `out` must not overlap `plaintext`.
   */
  seal(plaintext: Uint8Array, sequence: number, associated: Uint8Array, out: Uint8Array): number;
}

/** Opens the blocks of one stored object, in any order, any number of times. */
export interface Opener {
  /** Returns the plaintext, which belongs to the caller, or throws `BLOCK_UNREADABLE` if anything at all differs from what was sealed. */
  open(sealed: Uint8Array, sequence: number, associated: Uint8Array): Uint8Array;
}

/**
 * A scheme for sealing objects, given the repository's 32-byte secret. A symmetric scheme derives a fresh key for
 * each object from the secret and a random salt kept in the envelope; an asymmetric one wraps a random key for
 * its recipients in the envelope.
 */
export interface Encryptor {
  /** Bytes that `seal` adds to each block. */
  readonly overhead: number;
  /** False only for schemes that keep nothing secret; their repositories need no passphrase. */
  readonly confidential: boolean;
  sealer(secret: Uint8Array): Sealer;
  /** Throws `BLOCK_UNREADABLE` for an envelope that is not of this scheme. */
  opener(secret: Uint8Array, envelope: Uint8Array): Opener;
}
