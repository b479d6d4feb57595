/**
 * A set of 32-byte ids in shared memory, numbered in the order they came: 38 bytes an id. Threads read and add without asking each
 * other: an id is written first, behind all others, and then its number is put into a slot by compare-and-swap.
 */

/** Words of an id: 32-bit, little-endian. */
export const ID_WORDS = 8;

/** Words before the slots: how many numbers were given out. */
const HEADER = 1;
/** Slots for each id that fits, so that a look meets few of them. */
const SLOTS_AN_ID = 1.5;

/** Structured-clonable: every thread makes its own `IdTable` of it. Memory that no id has come to yet is not touched. */
export interface IdTableMemory {
  /** Ids that fit. */
  readonly capacity: number;
  readonly memory: SharedArrayBuffer;
}

const slotCount = (capacity: number): number => Math.ceil(capacity * SLOTS_AN_ID) + 1;

export function allocateIdTable(capacity: number): IdTableMemory {
  const words = HEADER + slotCount(capacity) + capacity * ID_WORDS;
  return { capacity, memory: new SharedArrayBuffer(4 * words) };
}

/** What `add` answers instead of a number. */
export const PRESENT = -1;
export const FULL = -2;

/** The table as one thread sees it. */
export class IdTable {
  readonly memory: IdTableMemory;
  readonly #count: Int32Array;
  /**
   * 0: free; otherwise the number of an id, plus 1, in as many bits as the numbers need, and in those above the same bits of the id's
   * second word, so that a look goes to hardly any id but the one it is for.
   */
  readonly #slots: Int32Array;
  readonly #numberBits: number;
  readonly #ids: Int32Array;
  /** Slots for each value of a word. */
  readonly #scale: number;
  /** A number this thread was given and did not need. */
  #spare = -1;

  constructor(memory: IdTableMemory) {
    this.memory = memory;
    const slots = slotCount(memory.capacity);
    this.#count = new Int32Array(memory.memory, 0, HEADER);
    this.#slots = new Int32Array(memory.memory, 4 * HEADER, slots);
    this.#ids = new Int32Array(memory.memory, 4 * (HEADER + slots), memory.capacity * ID_WORDS);
    this.#scale = slots / 2 ** 32;
    this.#numberBits = 2 ** (32 - Math.clz32(memory.capacity)) - 1;
  }

  /** Numbers given out. With several threads some may belong to no id. */
  get count(): number {
    return Math.min(Atomics.load(this.#count, 0), this.memory.capacity);
  }

  /** The number of an id, or -1. */
  find(id: Int32Array): number {
    const mark = this.#mark(id);
    for (let slot = this.#first(id); ; slot = this.#next(slot)) {
      const taken = Atomics.load(this.#slots, slot);
      if (taken === 0) return -1;
      if (this.#holds(taken, mark, id)) return (taken & this.#numberBits) - 1;
    }
  }

  /** The number of an id that was not there and is now; `PRESENT`, or `FULL` where it neither is there nor fits. */
  add(id: Int32Array): number {
    const mark = this.#mark(id);
    let number = this.#spare;
    for (let slot = this.#first(id); ;) {
      const taken = Atomics.load(this.#slots, slot);
      if (taken !== 0) {
        if (this.#holds(taken, mark, id)) return PRESENT;
        slot = this.#next(slot);
        continue;
      }
      if (number < 0) number = this.#take();
      if (number < 0) return FULL;
      for (let word = 0; word < ID_WORDS; word++) this.#ids[number * ID_WORDS + word] = id[word] as number;
      if (Atomics.compareExchange(this.#slots, slot, 0, mark | (number + 1)) === 0) {
        this.#spare = -1;
        return number;
      }
      // Another thread was faster here, perhaps with this very id.
      this.#spare = number;
    }
  }

  /** Copies the id of a number into `into`. */
  read(number: number, into: Int32Array): void {
    const at = number * ID_WORDS;
    for (let word = 0; word < ID_WORDS; word++) into[word] = this.#ids[at + word] as number;
  }

  #take(): number {
    // Not beyond by more than there are threads: the counter must not wrap.
    if (Atomics.load(this.#count, 0) >= this.memory.capacity) return FULL;
    const number = Atomics.add(this.#count, 0, 1);
    return number < this.memory.capacity ? number : FULL;
  }

  /** Ids are uniform, so any of their words is a hash. There is always a free slot. */
  #first(id: Int32Array): number {
    return Math.floor(((id[0] as number) >>> 0) * this.#scale);
  }

  #next(slot: number): number {
    return slot + 1 === this.#slots.length ? 0 : slot + 1;
  }

  #mark(id: Int32Array): number {
    return (id[1] as number) & ~this.#numberBits;
  }

  #holds(taken: number, mark: number, id: Int32Array): boolean {
    if ((taken & ~this.#numberBits) !== mark) return false;
    const at = ((taken & this.#numberBits) - 1) * ID_WORDS;
    for (let word = 0; word < ID_WORDS; word++) {
      if (this.#ids[at + word] !== id[word]) return false;
    }
    return true;
  }
}

/** A table that one thread alone adds to, and that makes room as it is needed. */
export class GrowingIdTable {
  #table = new IdTable(allocateIdTable(0));

  /** For other threads; complete as long as nothing further is added. */
  get memory(): IdTableMemory {
    return this.#table.memory;
  }

  get count(): number {
    return this.#table.count;
  }

  /** Makes room for `capacity` ids in all. They keep their numbers. */
  reserve(capacity: number): void {
    if (capacity <= this.#table.memory.capacity) return;
    const larger = new IdTable(allocateIdTable(capacity));
    const id = new Int32Array(ID_WORDS);
    for (let number = 0; number < this.count; number++) {
      this.read(number, id);
      larger.add(id);
    }
    this.#table = larger;
  }

  find(id: Int32Array): number {
    return this.#table.find(id);
  }

  /** The number of an id that was not there and is now, or `PRESENT`. */
  add(id: Int32Array): number {
    const number = this.#table.add(id);
    if (number !== FULL) return number;
    this.reserve(Math.max(LEAST_ROOM, this.count * 2));
    return this.#table.add(id);
  }

  read(number: number, into: Int32Array): void {
    this.#table.read(number, into);
  }
}

const LEAST_ROOM = 256;

/** Reads the words of an id. */
export function readWords(bytes: DataView, at: number, into: Int32Array): void {
  for (let word = 0; word < ID_WORDS; word++) into[word] = bytes.getInt32(at + 4 * word, true);
}

/** One id's bytes as words, for callers that have them as bytes; reused by each call of `of`. */
export class IdScratch {
  readonly #bytes = new Uint8Array(4 * ID_WORDS);
  readonly #view = new DataView(this.#bytes.buffer);
  readonly #words = new Int32Array(ID_WORDS);

  of(id: Uint8Array): Int32Array {
    this.#bytes.set(id);
    readWords(this.#view, 0, this.#words);
    return this.#words;
  }
}

/** The words of an id as bytes. */
export function idBytes(words: Int32Array): Buffer {
  const bytes = Buffer.allocUnsafe(4 * ID_WORDS);
  words.forEach((word, index) => bytes.writeInt32LE(word, 4 * index));
  return bytes;
}
