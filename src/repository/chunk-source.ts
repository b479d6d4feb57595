/** What reads chunks by id: the walk over trees and contents is written against this alone. */

export interface ChunkSource {
  /** The chunk's checked plaintext, valid until the next call; throws a damage error where it is missing or wrong. */
  chunk(id: Uint8Array): Promise<Uint8Array>;
}
