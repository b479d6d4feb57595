/** Memory for whole packs on their way from the storage target to a lane. */

/**
 * Buffers that threads share, as many as are in use at once, and used again: handing ownership of so much memory from thread to thread
 * would make both collect garbage again and again (docs/decisions/0041-freed-buffers.md).
 */
export class PackBuffers {
  readonly #length: number;
  readonly #free: Uint8Array[] = [];

  /** @param length of each; what is not written to takes no memory */
  constructor(length: number) {
    this.#length = length;
  }

  /** Lends a buffer to `work` until it ends. */
  async lend<T>(work: (buffer: Uint8Array) => Promise<T>): Promise<T> {
    const buffer = this.#free.pop() ?? new Uint8Array(new SharedArrayBuffer(this.#length));
    try {
      return await work(buffer);
    } finally {
      this.#free.push(buffer);
    }
  }
}
