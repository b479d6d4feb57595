/**
 * The chunks a repository holds, as one set that all lanes share without asking each other: open addressing over shared
 * memory, ids of 32 bytes, claimed by compare-and-swap.
 *
 * A table that fills up is not rehashed under its users: a level of twice the size is put beside it (see `ChunkSet`). Two lanes that
 * add the same chunk to different levels both store it; that costs space, never correctness.
 */

/** Words of an id. */
const WORDS = 8;

const FREE = 0;
const CLAIMED = 1;
const READY = 2;

/** One level in shared memory: `capacity` states, then `capacity` ids, then a counter. Structured-clonable. */
export interface ChunkTableMemory {
  readonly capacity: number;
  readonly memory: SharedArrayBuffer;
}

export function allocateChunkTable(capacity: number): ChunkTableMemory {
  return { capacity, memory: new SharedArrayBuffer(4 * (capacity * (1 + WORDS) + 1)) };
}

/** One level as one thread sees it. */
class ChunkTable {
  readonly capacity: number;
  readonly #states: Int32Array;
  readonly #ids: Int32Array;
  readonly #count: Int32Array;

  constructor({ capacity, memory }: ChunkTableMemory) {
    this.capacity = capacity;
    this.#states = new Int32Array(memory, 0, capacity);
    this.#ids = new Int32Array(memory, 4 * capacity, capacity * WORDS);
    this.#count = new Int32Array(memory, 4 * capacity * (1 + WORDS), 1);
  }

  get count(): number {
    return Atomics.load(this.#count, 0);
  }

  has(id: Int32Array): boolean {
    for (let slot = this.#first(id); ; slot = (slot + 1) % this.capacity) {
      if (this.#settled(slot) === FREE) return false;
      if (this.#matches(slot, id)) return true;
    }
  }

  /** True when the id was not there; it is now. */
  add(id: Int32Array): boolean {
    for (let slot = this.#first(id); ; slot = (slot + 1) % this.capacity) {
      if (this.#settled(slot) === FREE && Atomics.compareExchange(this.#states, slot, FREE, CLAIMED) === FREE) {
        this.#ids.set(id, slot * WORDS);
        Atomics.store(this.#states, slot, READY);
        Atomics.add(this.#count, 0, 1);
        return true;
      }
      this.#settled(slot);
      if (this.#matches(slot, id)) return false;
    }
  }

  /** Ids are uniform, so any of their words is a hash. */
  #first(id: Int32Array): number {
    return ((id[0] as number) >>> 0) % this.capacity;
  }

  /** State of a slot once nobody is writing to it: a claim lasts as long as copying 32 bytes. */
  #settled(slot: number): number {
    let state = Atomics.load(this.#states, slot);
    while (state === CLAIMED) state = Atomics.load(this.#states, slot);
    return state;
  }

  #matches(slot: number, id: Int32Array): boolean {
    const at = slot * WORDS;
    for (let word = 0; word < WORDS; word++) {
      if (this.#ids[at + word] !== id[word]) return false;
    }
    return true;
  }
}

/** A level takes new ids up to this share of its slots; beyond, lanes may overshoot while a new level is on its way. */
const LOAD = 0.6;

/** All levels as one thread sees them. */
export class ChunkSet {
  readonly #levels: ChunkTable[];
  readonly #id = new Int32Array(WORDS);
  readonly #idBytes = new Uint8Array(this.#id.buffer);
  readonly #grow: (capacity: number) => void;

  /**
   * @param grow is called when the newest level is full, with the capacity that the next should have; it calls `addLevel`, in this
   * thread at once and in all others as soon as they listen
   */
  constructor(levels: readonly ChunkTableMemory[], grow: (capacity: number) => void) {
    this.#levels = levels.map((level) => new ChunkTable(level));
    this.#grow = grow;
  }

  get levels(): number {
    return this.#levels.length;
  }

  get size(): number {
    return this.#levels.reduce((sum, level) => sum + level.count, 0);
  }

  addLevel(level: ChunkTableMemory): void {
    this.#levels.push(new ChunkTable(level));
  }

  has(id: Uint8Array): boolean {
    this.#idBytes.set(id);
    return this.#levels.some((level) => level.has(this.#id));
  }

  /** True when the chunk is new: the caller is then the one to store it. */
  add(id: Uint8Array): boolean {
    this.#idBytes.set(id);
    const last = this.#levels.length - 1;
    for (let level = 0; level < last; level++) {
      if (this.#levels[level]?.has(this.#id) === true) return false;
    }
    const newest = this.#levels[last];
    if (newest === undefined) throw new RangeError('A chunk set needs a level.');
    if (newest.count < newest.capacity * LOAD) return newest.add(this.#id);
    if (newest.has(this.#id)) return false;
    this.#grow(newest.capacity * 2);
    return this.add(id);
  }
}

/** Slots for a level that should take `chunks` ids. */
export const tableCapacity = (chunks: number): number => Math.ceil(Math.max(chunks, 16_384) / LOAD);
