/** The codecs of a repository: position 0 stores as it is, the others are compressor plugins. */
import type { Compressor } from '../contracts/index.ts';
import { MalformedError } from './bytes.ts';

/** The compressors of a repository, in the order of its codec table; `undefined` at position 0. */
export class Codecs {
  readonly #compressors: readonly (Compressor | undefined)[];
  readonly #current: number;
  readonly #level: number;

  /** @param current position of the codec that new blocks get */
  constructor(compressors: readonly (Compressor | undefined)[], current: number, level: number) {
    this.#compressors = compressors;
    this.#current = current;
    this.#level = level;
  }

  /** Compresses a block, or keeps it where that does not pay. */
  encode(raw: Uint8Array): { readonly codec: number; readonly bytes: Uint8Array } {
    const compressor = this.#compressors[this.#current];
    if (compressor === undefined || !this.#worthwhile(compressor, raw)) return { codec: 0, bytes: raw };
    const bytes = compressor.compress(raw, this.#level);
    return pays(bytes.length, raw.length) ? { codec: this.#current, bytes } : { codec: 0, bytes: raw };
  }

  /** Throws `MalformedError` for a codec that is not in the table, `BLOCK_UNREADABLE` for a bad block. */
  decode(codec: number, bytes: Uint8Array, rawLength: number): Uint8Array {
    if (codec === 0) {
      if (bytes.length !== rawLength) throw new MalformedError(0, 'its length is not the one stated');
      return bytes;
    }
    const compressor = this.#compressors[codec];
    if (compressor === undefined) throw new MalformedError(0, `there is no codec ${codec}`);
    return compressor.decompress(bytes, rawLength);
  }

  /** A trial on 16 KiB from the middle spares the compression of data that is random or compressed already. */
  #worthwhile(compressor: Compressor, raw: Uint8Array): boolean {
    if (raw.length < PROBE_FROM) return true;
    const middle = (raw.length - PROBE) >>> 1;
    const probe = raw.subarray(middle, middle + PROBE);
    return pays(compressor.compress(probe, compressor.levels.min > 1 ? compressor.levels.min : 1).length, PROBE);
  }
}

const PROBE = 16 * 1024;
const PROBE_FROM = 8 * PROBE;

const pays = (compressed: number, raw: number): boolean => compressed <= raw - (raw >>> 5);
