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
  readonly #table: Uint32Array;
  readonly #maskBefore: number;
  readonly #maskAfter: number;

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
    const table = this.#table;
    const turn = start + Math.min(average, length);
    const stop = start + length;
    let hash = 0;
    let at = start + min;
    for (const mask = this.#maskBefore; at < turn; at++) {
      hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 1 - start;
    }
    for (const mask = this.#maskAfter; at < stop; at++) {
      hash = ((hash << 1) + (table[bytes[at] as number] as number)) | 0;
      if ((hash & mask) === 0) return at + 1 - start;
    }
    return length;
  }
}

const topBits = (count: number): number => (count >= 32 ? -1 : ~((1 << (32 - count)) - 1)) | 0;

function gearTable(key: Uint8Array): Uint32Array {
  const hasher = new KeyedHasher(key);
  const table = new Uint32Array(256);
  for (let message = 0; message < 32; message++) {
    const output = hasher.hash(Uint8Array.of(message));
    for (let word = 0; word < 8; word++) table[message * 8 + word] = output.readUInt32LE(word * 4);
  }
  return table;
}
