/**
 * Content-defined chunking: FastCDC with normalised chunking of level 2 and a keyed gear table.
 * Source: Xia et al., "FastCDC: a Fast and Efficient Content-Defined Chunking Approach for Data Deduplication",
 * USENIX ATC 2016. Parameters and table: docs/format.md, "Chunks".
 */
import { KeyedHasher } from './hashing.ts';

/** Lengths in bytes, powers of two. */
export interface ChunkerParameters {
  readonly min: number;
  readonly average: number;
  readonly max: number;
}

/** How many bits the masks differ from the average's, each way. */
const NORMALISATION = 2;

export class Chunker {
  readonly parameters: ChunkerParameters;
  readonly #table: Int32Array;
  readonly #maskBefore: number;
  readonly #maskAfter: number;
  /** Between the two stretches of one chunk. */
  #hash = 0;

  /** @param gearKey 32 bytes, so that cuts differ from repository to repository */
  constructor(parameters: ChunkerParameters, gearKey: Uint8Array) {
    this.parameters = parameters;
    this.#table = gearTable(gearKey);
    const bits = Math.log2(parameters.average);
    this.#maskBefore = topBits(bits + NORMALISATION);
    this.#maskAfter = topBits(bits - NORMALISATION);
  }

  /**
   * Length of the chunk that starts at `start`, looking at bytes before `end`. Without a cut in sight it is the distance to `end`
   * (at most `max`): a caller with more content to come must then offer at least `max` bytes.
   */
  cut(bytes: Uint8Array, start: number, end: number): number {
    const { min, average, max } = this.parameters;
    const length = Math.min(end - start, max);
    if (length <= min) return length;
    const turn = start + Math.min(average, length);
    const stop = start + length;
    this.#hash = 0;
    const before = this.#scan(bytes, start + min, turn, this.#maskBefore);
    if (before >= 0) return before - start;
    const after = this.#scan(bytes, turn, stop, this.#maskAfter);
    return after >= 0 ? after - start : length;
  }

  /**
   * Goes on hashing from `at`; the position behind the first cut before `stop`, or -1. Four bytes a turn: a byte's own work is so
   * little that the loop around it would cost as much.
   */
  #scan(bytes: Uint8Array, from: number, stop: number, mask: number): number {
    const table = this.#table;
    let hash = this.#hash;
    let at = from;
    for (const last = stop - 3; at < last; at += 4) {
      hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 1;
      hash = ((hash << 1) + (table[bytes[at + 1] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 2;
      hash = ((hash << 1) + (table[bytes[at + 2] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 3;
      hash = ((hash << 1) + (table[bytes[at + 3] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 4;
    }
    for (; at < stop; at++) {
      hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 1;
    }
    this.#hash = hash;
    return -1;
  }
}

const topBits = (count: number): number => (count >= 32 ? -1 : ~((1 << (32 - count)) - 1)) | 0;

/** Signed, so that the hash never leaves the range of small integers. */
function gearTable(key: Uint8Array): Int32Array {
  const hasher = new KeyedHasher(key);
  const table = new Int32Array(256);
  for (let message = 0; message < 32; message++) {
    const output = hasher.hash(Uint8Array.of(message));
    for (let word = 0; word < 8; word++) table[message * 8 + word] = output.readInt32LE(word * 4);
  }
  return table;
}
