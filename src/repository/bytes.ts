/** Reading and writing the integers and lengths of docs/format.md. */

/** Thrown by `ByteReader`; whoever knows which object is read turns it into a damage error. */
export class MalformedError extends Error {
  override readonly name = 'MalformedError';
  /** Offset in the bytes read. */
  readonly offset: number;
  constructor(offset: number, reason: string) {
    super(reason);
    this.offset = offset;
  }
}

/** Thrown where more bytes were needed than there are. */
export class EndError extends MalformedError {
  constructor(offset: number) {
    super(offset, 'it ends too early');
  }
}

/** Bytes as a `Buffer` over the same memory. */
export const asBuffer = (bytes: Uint8Array): Buffer =>
  Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);

/** Appends to a buffer that grows by doubling. */
export class ByteWriter {
  #buffer: Buffer;
  /** Over the same memory: the engine's own code for 64-bit integers is many times as fast as that of `Buffer`. */
  #numbers: DataView;
  #length = 0;

  constructor(capacity = 1024) {
    this.#buffer = Buffer.allocUnsafeSlow(capacity);
    this.#numbers = new DataView(this.#buffer.buffer);
  }

  get length(): number {
    return this.#length;
  }

  /** What was written so far; valid until the next write or `clear`. */
  view(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }

  clear(): void {
    this.#length = 0;
  }

  u8(value: number): void {
    this.#reserve(1);
    this.#length = this.#buffer.writeUInt8(value, this.#length);
  }

  u16(value: number): void {
    this.#reserve(2);
    this.#length = this.#buffer.writeUInt16LE(value, this.#length);
  }

  u32(value: number): void {
    this.#reserve(4);
    this.#length = this.#buffer.writeUInt32LE(value, this.#length);
  }

  i64(value: bigint): void {
    this.#reserve(8);
    this.#numbers.setBigInt64(this.#length, value, true);
    this.#length += 8;
  }

  u64(value: bigint): void {
    this.#reserve(8);
    this.#numbers.setBigUint64(this.#length, value, true);
    this.#length += 8;
  }

  /** Unsigned LEB128 of a safe integer. */
  varint(value: number): void {
    this.#reserve(8);
    let rest = value;
    while (rest >= 0x80) {
      this.#buffer[this.#length++] = (rest % 0x80) | 0x80;
      rest = Math.floor(rest / 0x80);
    }
    this.#buffer[this.#length++] = rest;
  }

  bytes(value: Uint8Array): void {
    this.#reserve(value.length);
    this.#buffer.set(value, this.#length);
    this.#length += value.length;
  }

  /** A length and that many bytes. */
  blob(value: Uint8Array): void {
    this.varint(value.length);
    this.bytes(value);
  }

  #reserve(count: number): void {
    const needed = this.#length + count;
    if (needed <= this.#buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(needed, this.#buffer.length * 2));
    this.#buffer.copy(grown, 0, 0, this.#length);
    this.#buffer = grown;
    this.#numbers = new DataView(grown.buffer);
  }
}

/** Reads what `ByteWriter` wrote; every read is checked against the end, every length against its limit. */
export class ByteReader {
  readonly #buffer: Buffer;
  /** Over the same memory, as in `ByteWriter`; made when it is first needed. */
  #numbers: DataView | undefined;
  #at: number;

  constructor(bytes: Uint8Array, offset = 0) {
    this.#buffer = asBuffer(bytes);
    this.#at = offset;
  }

  get offset(): number {
    return this.#at;
  }

  get remaining(): number {
    return this.#buffer.length - this.#at;
  }

  u8(): number {
    return this.#buffer[this.#take(1)] as number;
  }

  u16(): number {
    return this.#buffer.readUInt16LE(this.#take(2));
  }

  u32(): number {
    return this.#buffer.readUInt32LE(this.#take(4));
  }

  i64(): bigint {
    const at = this.#take(8);
    return this.#view().getBigInt64(at, true);
  }

  u64(): bigint {
    const at = this.#take(8);
    return this.#view().getBigUint64(at, true);
  }

  varint(limit = Number.MAX_SAFE_INTEGER): number {
    let value = 0;
    let scale = 1;
    for (let count = 0; count < 8; count++) {
      const byte = this.u8();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (value > limit) throw new MalformedError(this.#at, `${value} passes the limit of ${limit}`);
        return value;
      }
      scale *= 0x80;
    }
    throw new MalformedError(this.#at, 'a number is too long');
  }

  /** Where the next `count` bytes begin; they are passed over. */
  skip(count: number): number {
    return this.#take(count);
  }

  /** The next `count` bytes, over the same memory. */
  bytes(count: number): Buffer {
    const start = this.#take(count);
    return this.#buffer.subarray(start, start + count);
  }

  blob(limit: number): Buffer {
    return this.bytes(this.varint(limit));
  }

  #view(): DataView {
    const { buffer, byteOffset, byteLength } = this.#buffer;
    return (this.#numbers ??= new DataView(buffer, byteOffset, byteLength));
  }

  #take(count: number): number {
    const start = this.#at;
    if (count > this.#buffer.length - start) throw new EndError(start);
    this.#at = start + count;
    return start;
  }
}
