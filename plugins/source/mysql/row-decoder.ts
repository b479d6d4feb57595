/**
 * Turns what a server answers to a query into lines of text, a row each, as `LOAD DATA` reads them: columns parted by tabs, `\N` for
 * nothing, and backslash, tab and line feed written with a backslash. Values keep their bytes (documentation of the protocol:
 * "Protocol::Packet", "Text Resultset").
 */

/** The answer is an error. */
export class ServerRefusal extends Error {
  readonly errno: number;

  constructor(errno: number, message: string) {
    super(message);
    this.errno = errno;
  }
}

const TAB = 9;
const LINE_FEED = 10;
const BACKSLASH = 92;
const LETTER_T = 116;
const LETTER_N_SMALL = 110;
const LETTER_N = 78;

const HEADER_BYTES = 4;
const LONGEST_PAYLOAD = 0xff_ff_ff;
const NULL_VALUE = 0xfb;
/** Instead of a length: so many bytes follow with it. */
const LENGTH_BYTES: ReadonlyMap<number, number> = new Map([
  [0xfc, 2],
  [0xfd, 3],
  [0xfe, 8],
]);
const END = 0xfe;
const END_SHORTER_THAN = 9;
const REFUSAL = 0xff;
/** A value of one byte may become three: nothing is `\N` and a tab. */
const MOST_GROWTH = 3;

type Phase = 'columnCount' | 'columns' | 'rows' | 'ended';

export class RowDecoder {
  #phase: Phase = 'columnCount';
  /** Rows decoded to their end. */
  rows = 0;
  #columns = 0;
  #columnsLeft = 0;
  #out = Buffer.alloc(0);
  /** Bytes that are still to come of the packet under way. */
  #packetLeft = 0;
  /** Whether the message goes on in the next packet. */
  #goesOn = false;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerLength = 0;
  /** Collects messages that are no rows, and those that end them. */
  #message: Buffer[] | undefined;
  #column = 0;
  #valueLeft = 0;
  /** Bytes of a length that are still to come, and those that are there. */
  #lengthLeft = 0;
  #length = 0;
  #lengthFactor = 1;

  /** Whether the server has said all. */
  get ended(): boolean {
    return this.#phase === 'ended';
  }

  /** The lines in a piece of the answer, good until the next call. Throws `ServerRefusal`. */
  decode(piece: Buffer): Buffer {
    if (this.#out.length < piece.length * MOST_GROWTH) this.#out = Buffer.allocUnsafeSlow(piece.length * MOST_GROWTH);
    let at = 0;
    let written = 0;
    while (at < piece.length) {
      if (this.#packetLeft === 0) {
        at = this.#readHeader(piece, at);
        continue;
      }
      if (this.#message === undefined && this.#valueLeft > 0) {
        const length = Math.min(this.#valueLeft, this.#packetLeft, piece.length - at);
        written = escape(piece, at, at + length, this.#out, written);
        at += length;
        this.#packetLeft -= length;
        this.#valueLeft -= length;
        if (this.#valueLeft === 0) written = this.#endValue(written);
        continue;
      }
      if (this.#message !== undefined) {
        const length = Math.min(this.#packetLeft, piece.length - at);
        this.#message.push(Buffer.from(piece.subarray(at, at + length)));
        at += length;
        this.#packetLeft -= length;
        if (this.#packetLeft === 0 && !this.#goesOn) this.#endMessage();
        continue;
      }
      written = this.#readLength(piece[at] ?? 0, written);
      at += 1;
      this.#packetLeft -= 1;
    }
    return this.#out.subarray(0, written);
  }

  /** Answers where the payload begins, or the piece ends. */
  #readHeader(piece: Buffer, from: number): number {
    let at = from;
    while (this.#headerLength < HEADER_BYTES && at < piece.length) {
      this.#header[this.#headerLength] = piece[at] ?? 0;
      this.#headerLength += 1;
      at += 1;
    }
    if (this.#headerLength < HEADER_BYTES) return at;
    if (!this.#goesOn && at === piece.length) return at;
    this.#headerLength = 0;
    const payload = this.#header.readUIntLE(0, 3);
    const first = piece[at] ?? 0;
    const isEnd = (first === END && payload < END_SHORTER_THAN) || first === REFUSAL;
    if (!this.#goesOn) {
      this.#message = this.#phase !== 'rows' || isEnd ? [] : undefined;
      this.#column = 0;
    }
    this.#packetLeft = payload;
    this.#goesOn = payload === LONGEST_PAYLOAD;
    return at;
  }

  #endValue(written: number): number {
    this.#column += 1;
    const last = this.#column === this.#columns;
    this.#out[written] = last ? LINE_FEED : TAB;
    if (last) this.rows += 1;
    return written + 1;
  }

  #readLength(byte: number, written: number): number {
    if (this.#lengthLeft > 0) {
      this.#length += byte * this.#lengthFactor;
      this.#lengthFactor *= 256;
      this.#lengthLeft -= 1;
      if (this.#lengthLeft > 0) return written;
      this.#valueLeft = this.#length;
    } else if (byte === NULL_VALUE) {
      this.#out[written] = BACKSLASH;
      this.#out[written + 1] = LETTER_N;
      return this.#endValue(written + 2);
    } else {
      const more = byte < NULL_VALUE ? undefined : LENGTH_BYTES.get(byte);
      if (more !== undefined) {
        this.#lengthLeft = more;
        this.#length = 0;
        this.#lengthFactor = 1;
        return written;
      }
      this.#valueLeft = byte;
    }
    return this.#valueLeft === 0 ? this.#endValue(written) : written;
  }

  #endMessage(): void {
    const message = Buffer.concat(this.#message ?? []);
    this.#message = undefined;
    if (message[0] === REFUSAL) throw refusalOf(message);
    if (this.#phase === 'columnCount') {
      this.#columns = message[0] === LENGTH_MARK ? message.readUInt16LE(1) : (message[0] ?? 0);
      if (this.#columns === 0) throw new RangeError('A statement answered no rows.');
      // One message follows for the end of them.
      this.#columnsLeft = this.#columns + 1;
      this.#phase = 'columns';
    } else if (this.#phase === 'columns') {
      this.#columnsLeft -= 1;
      if (this.#columnsLeft === 0) this.#phase = 'rows';
    } else this.#phase = 'ended';
  }
}

const LENGTH_MARK = 0xfc;

/** `0xff`, the number in two bytes, and, after `#` and five letters, the words. */
export function refusalOf(message: Buffer): ServerRefusal {
  const words = message.subarray(3).toString();
  return new ServerRefusal(message.readUInt16LE(1), words.replace(/^#.{5}/s, ''));
}

/** Writes bytes so that they are one value of a line; answers where they end. A loop: most values are too short for anything else to pay. */
function escape(from: Buffer, start: number, end: number, to: Buffer, position: number): number {
  let written = position;
  for (let at = start; at < end; at++) {
    const byte = from[at] ?? 0;
    if (byte === BACKSLASH || byte === LINE_FEED || byte === TAB) {
      to[written] = BACKSLASH;
      to[written + 1] = byte === TAB ? LETTER_T : byte === LINE_FEED ? LETTER_N_SMALL : BACKSLASH;
      written += 2;
    } else {
      to[written] = byte;
      written += 1;
    }
  }
  return written;
}
