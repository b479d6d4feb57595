/**
 * The chunks a repository holds, as one set that all lanes share without asking each other: the index's own table, which nobody
 * adds to any more, and tables for what the run adds.
 *
 * A table that fills up is not rehashed under its users: a level of twice the size is put beside it. Two lanes that
 * add the same chunk to different levels both store it; that costs space, never correctness.
 */
import { FULL, IdScratch, IdTable, type IdTableMemory } from './id-table.ts';

/** Ids that the first level of a run takes. */
export const FIRST_LEVEL = 65_536;

/** All levels as one thread sees them. */
export class ChunkSet {
  readonly #levels: IdTable[];
  readonly #id = new IdScratch();
  readonly #grow: (capacity: number) => void;

  /**
   * @param levels the newest last; only that one is added to
   * @param grow is called when the newest level is full, with the capacity that the next should have; it calls `addLevel`, in this
   * thread at once and in all others as soon as they listen
   */
  constructor(levels: readonly IdTableMemory[], grow: (capacity: number) => void) {
    this.#levels = levels.map((level) => new IdTable(level));
    this.#grow = grow;
  }

  get levels(): number {
    return this.#levels.length;
  }

  addLevel(level: IdTableMemory): void {
    this.#levels.push(new IdTable(level));
  }

  has(id: Uint8Array): boolean {
    const words = this.#id.of(id);
    return this.#levels.some((level) => level.find(words) >= 0);
  }

  /** True when the chunk is new: the caller is then the one to store it. */
  add(id: Uint8Array): boolean {
    const words = this.#id.of(id);
    const last = this.#levels.length - 1;
    for (let level = 0; level < last; level++) {
      if ((this.#levels[level] as IdTable).find(words) >= 0) return false;
    }
    const newest = this.#levels[last];
    if (newest === undefined) throw new RangeError('A chunk set needs a level.');
    const number = newest.add(words);
    if (number !== FULL) return number >= 0;
    this.#grow(newest.memory.capacity * 2);
    return this.add(id);
  }
}
