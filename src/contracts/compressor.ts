/** Makes blocks smaller. Called synchronously in the engine's own threads, one block at a time. */

/** The levels a compressor accepts, from fastest to smallest. */
export interface CompressionLevels {
  readonly min: number;
  readonly max: number;
  readonly default: number;
  /** A level that is much faster than the default and not much larger, for blocks that gain little by more. */
  readonly fast?: number;
}

/** Both methods are pure, synchronous and may be called any number of times; inputs are never changed or kept. Results belong to the caller, who may free them. */
export interface Compressor {
  readonly levels: CompressionLevels;
  /** Compresses one block of at most 8 MiB. The result may be longer than the input; the engine then keeps the input. */
  compress(bytes: Uint8Array, level: number): Uint8Array;
  /**
   * Restores a block of exactly `rawLength` bytes. Never takes memory for more than `rawLength` bytes of output,
   * whatever the input claims; throws `BLOCK_UNREADABLE` if the input is malformed or its length differs.
   */
  decompress(bytes: Uint8Array, rawLength: number): Uint8Array;
}
