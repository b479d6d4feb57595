/** Sends rows to a server in frames, and reads on while it takes them. */
import type { Duplex } from 'node:stream';

/** Large enough that a frame's cost does not show, small enough to stay in the processor's cache. */
const FRAME_BYTES = 256 * 1024;
/** One is filled while the other one is sent. */
const FRAMES = 2;

interface Frame {
  readonly buffer: Buffer;
  /** Resolves when the system has taken the frame over. */
  sent: Promise<void>;
}

/**
 * Copies what it is given, so that the giver may use its memory again at once. Errors of the connection are not told here: who waits for
 * the server's answer hears of them.
 */
export class FrameWriter {
  readonly #stream: Duplex;
  readonly #headerBytes: number;
  readonly #writeHeader: (frame: Buffer, payload: number) => void;
  readonly #frames: readonly Frame[];
  #current = 0;
  #length: number;

  /** @param writeHeader writes so many bytes at the beginning of a frame, whose payload is so long */
  constructor(stream: Duplex, headerBytes: number, writeHeader: (frame: Buffer, payload: number) => void) {
    this.#stream = stream;
    this.#headerBytes = headerBytes;
    this.#writeHeader = writeHeader;
    this.#length = headerBytes;
    this.#frames = Array.from({ length: FRAMES }, () => ({
      buffer: Buffer.allocUnsafeSlow(headerBytes + FRAME_BYTES),
      sent: Promise.resolve(),
    }));
  }

  /** Resolves when all of the piece is copied. */
  async write(piece: Uint8Array): Promise<void> {
    let at = 0;
    while (at < piece.length) {
      const { buffer } = this.#frame;
      const length = Math.min(piece.length - at, buffer.length - this.#length);
      buffer.set(piece.subarray(at, at + length), this.#length);
      this.#length += length;
      at += length;
      if (this.#length === buffer.length) await this.#send();
    }
  }

  /** Sends what has not filled a frame; resolves when the system has taken all over. */
  async flush(): Promise<void> {
    if (this.#length > this.#headerBytes) await this.#send();
    await Promise.all(this.#frames.map(({ sent }) => sent));
  }

  /** Resolves when the next frame may be filled. */
  async #send(): Promise<void> {
    const { buffer } = this.#frame;
    this.#writeHeader(buffer, this.#length - this.#headerBytes);
    const frame = buffer.subarray(0, this.#length);
    this.#frame.sent = new Promise((resolve) => this.#stream.write(frame, () => resolve()));
    this.#current = (this.#current + 1) % FRAMES;
    this.#length = this.#headerBytes;
    await this.#frame.sent;
  }

  get #frame(): Frame {
    const frame = this.#frames[this.#current];
    if (frame === undefined) throw new RangeError('There is no such frame.');
    return frame;
  }
}
