/** The codecs of a repository: position 0 stores as it is, the others are compressor plugins. */
import { release } from '../contracts/index.ts';
import type { Compressor } from '../contracts/index.ts';
import { MalformedError } from './bytes.ts';

/** How hard to compress: a level of the compressor, or the one that suits each block. */
export type CompressionLevel = number | 'auto';

/** A block on its way into a pack. */
export interface EncodedBlock {
  readonly codec: number;
  readonly bytes: Uint8Array;
}

/** The compressors of a repository, in the order of its codec table; `undefined` at position 0. */
export class Codecs {
  readonly #compressors: readonly (Compressor | undefined)[];
  readonly #current: number;
  readonly #level: CompressionLevel;
  /** Only threads that write blocks long enough to be sampled take its memory. */
  #sample: Buffer | undefined;

  /** @param current position of the codec that new blocks get */
  constructor(compressors: readonly (Compressor | undefined)[], current: number, level: CompressionLevel) {
    this.#compressors = compressors;
    this.#current = current;
    this.#level = level;
  }

  /**
   * Whether it is worth trying to compress these bytes: a trial on 16 KiB from the middle spares that for what is random or
   * compressed already. Short ones are always worth it.
   */
  mayGain(raw: Uint8Array): boolean {
    const compressor = this.#compressors[this.#current];
    if (compressor === undefined) return false;
    if (raw.length < PROBE_FROM) return true;
    const middle = (raw.length - PROBE) >>> 1;
    return pays(compressedLength(compressor, raw.subarray(middle, middle + PROBE), fastLevel(compressor)), PROBE);
  }

  /** Compresses a block, or keeps it where that does not pay. */
  encode(raw: Uint8Array): EncodedBlock {
    const compressor = this.#compressors[this.#current];
    const level = compressor === undefined ? undefined : this.#levelFor(compressor, raw);
    if (compressor === undefined || level === undefined) return { codec: 0, bytes: raw };
    const bytes = compressor.compress(raw, level);
    if (pays(bytes.length, raw.length)) return { codec: this.#current, bytes };
    release(bytes, raw);
    return { codec: 0, bytes: raw };
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

  /**
   * The level for a block, or `undefined` where samples from all over it do not shrink. `auto` takes the default where the samples
   * get noticeably smaller by it, and else the fast level.
   */
  #levelFor(compressor: Compressor, raw: Uint8Array): number | undefined {
    const { levels } = compressor;
    const fast = fastLevel(compressor);
    if (raw.length < PROBE_FROM) return this.#level === 'auto' ? levels.default : this.#level;
    const sample = this.#sampleOf(raw);
    const quick = compressedLength(compressor, sample, fast);
    if (!pays(quick, sample.length)) return undefined;
    if (this.#level !== 'auto') return this.#level;
    if (fast === levels.default) return fast;
    return compressedLength(compressor, sample, levels.default) < quick * WORTH_THE_TIME ? levels.default : fast;
  }

  /** Pieces spread evenly over a block: the files in it may be of all kinds. */
  #sampleOf(raw: Uint8Array): Buffer {
    const sample = (this.#sample ??= Buffer.allocUnsafeSlow(SAMPLES * PROBE));
    const stride = Math.floor((raw.length - PROBE) / (SAMPLES - 1));
    for (let piece = 0; piece < SAMPLES; piece++) {
      sample.set(raw.subarray(piece * stride, piece * stride + PROBE), piece * PROBE);
    }
    return sample;
  }
}

const PROBE = 16 * 1024;
const PROBE_FROM = 8 * PROBE;
const SAMPLES = 4;

/** `auto` spends the time of the default level from this gain on; see docs/decisions/0066-compression-auto.md. */
const WORTH_THE_TIME = 0.85;

const pays = (compressed: number, raw: number): boolean => compressed <= raw - (raw >>> 5);

const fastLevel = ({ levels }: Compressor): number => levels.fast ?? levels.default;

function compressedLength(compressor: Compressor, raw: Uint8Array, level: number): number {
  const bytes = compressor.compress(raw, level);
  const { length } = bytes;
  release(bytes, raw);
  return length;
}
