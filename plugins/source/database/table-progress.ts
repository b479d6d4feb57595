/** Keeps count of tables while their parts are read in any order. */
import { createHash } from 'node:crypto';
import type { ReadContext } from '../../../src/contracts/index.ts';

/** What was read of a part. */
export interface PartResult {
  readonly rows: number;
  readonly bytes: number;
  /** SHA-256, 64 hex digits. */
  readonly checksum: string;
}

/** A file of rows to be. */
interface CountedPart<T> {
  readonly table: T;
  readonly part: number;
  /** About how many bytes it takes in the table. */
  readonly bytes: number;
}

export class TableProgress<T> {
  readonly #context: ReadContext;
  readonly #open = new Map<T, (PartResult | undefined)[]>();
  readonly #labelOf: (table: T) => string;
  readonly #items: number;
  #storedLeft: number;
  #storedDone = 0;
  #bytesDone = 0;

  /**
   * @param others files besides the parts
   * @param labelOf what a table is called
   */
  constructor(parts: readonly CountedPart<T>[], others: number, labelOf: (table: T) => string, context: ReadContext) {
    this.#context = context;
    this.#labelOf = labelOf;
    this.#items = parts.length + others;
    this.#storedLeft = parts.reduce((sum, { bytes }) => sum + bytes, 0);
    for (const { table } of parts) {
      const results = this.#open.get(table);
      if (results === undefined) this.#open.set(table, [undefined]);
      else results.push(undefined);
    }
    this.#expect();
  }

  /** A part is read: reports its table when it was the last one, and what there is still to come as far as is known by now. */
  finish({ table, part, bytes: stored }: CountedPart<T>, result: PartResult): void {
    this.#storedLeft -= stored;
    this.#storedDone += stored;
    this.#bytesDone += result.bytes;
    this.#expect();
    const results = this.#open.get(table) ?? [];
    results[part] = result;
    const done = results.filter((known) => known !== undefined);
    if (done.length < results.length) return;
    this.#open.delete(table);
    this.#context.table({
      name: this.#labelOf(table),
      rows: done.reduce((sum, { rows }) => sum + rows, 0),
      bytes: done.reduce((sum, { bytes }) => sum + bytes, 0),
      checksum: checksumOf(done.map(({ checksum }) => checksum)),
    });
  }

  /** Rows take another length as text than in the table; how much, the parts read so far tell. */
  #expect(): void {
    const ratio = this.#storedDone === 0 ? 1 : this.#bytesDone / this.#storedDone;
    this.#context.expect({ items: this.#items, bytes: this.#bytesDone + Math.round(this.#storedLeft * ratio) });
  }
}

/** Of one part, its own; of several, that of their checksums, a line each. */
export const checksumOf = (parts: readonly string[]): string =>
  parts.length === 1
    ? (parts[0] ?? '')
    : createHash('sha256')
        .update(parts.map((checksum) => `${checksum}\n`).join(''))
        .digest('hex');
