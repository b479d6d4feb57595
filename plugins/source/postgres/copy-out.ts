/**
 * `COPY … TO STDOUT` as a stream. The server sends each row as a message of its own; the general parser of the client takes longer
 * for millions of them than the server does, so for the time of the copy this reads the connection itself (PostgreSQL's manual,
 * "Frontend/Backend Protocol", COPY Operations).
 */
import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { release } from '../../../src/contracts/index.ts';

type DataListener = (bytes: Buffer) => void;

const HEADER_BYTES = 5;
/** What may come between rows: notices, parameters, notifications, and the answer that the copy begins. */
const BETWEEN: ReadonlySet<number> = new Set(['H', 'N', 'S', 'A'].map((letter) => letter.charCodeAt(0)));
const ROW = 'd'.charCodeAt(0);
/** Pieces of about 64 KiB that may wait for the reader before the server has to. */
const MOST_WAITING = 8;

/** Takes the payloads out of the messages, in place. */
export class RowExtractor {
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerLength = 0;
  #isRow = false;
  #payload = 0;

  /**
   * The rows in a piece of the connection: a part of it, which it overwrites. `rest` is there when something else began: the messages from
   * there on, that the extractor has not looked at.
   */
  extract(piece: Buffer): { readonly rows: Buffer; readonly rest: Buffer | undefined } {
    let read = 0;
    let written = 0;
    while (read < piece.length) {
      if (this.#payload > 0) {
        const length = Math.min(this.#payload, piece.length - read);
        if (this.#isRow) {
          if (written !== read) piece.copyWithin(written, read, read + length);
          written += length;
        }
        read += length;
        this.#payload -= length;
        continue;
      }
      const taken = Math.min(HEADER_BYTES - this.#headerLength, piece.length - read);
      if (taken === HEADER_BYTES && piece[read] === ROW) {
        this.#isRow = true;
        this.#payload = piece.readInt32BE(read + 1) - 4;
        read += HEADER_BYTES;
        continue;
      }
      piece.copy(this.#header, this.#headerLength, read, read + taken);
      this.#headerLength += taken;
      read += taken;
      if (this.#headerLength < HEADER_BYTES) break;
      this.#headerLength = 0;
      const kind = this.#header.readUInt8(0);
      this.#isRow = kind === ROW;
      if (!this.#isRow && !BETWEEN.has(kind)) {
        const rest = Buffer.concat([this.#header, piece.subarray(read)]);
        return { rows: piece.subarray(0, written), rest };
      }
      this.#payload = this.#header.readInt32BE(1) - 4;
    }
    return { rows: piece.subarray(0, written), rest: undefined };
  }
}

/** A query as the client takes it, whose answer is a copy. */
class CopyOut implements pg.Submittable {
  readonly #statement: string;
  readonly #extractor = new RowExtractor();
  readonly #waiting: { readonly rows: Buffer; readonly piece: Buffer }[] = [];
  readonly #done = Promise.withResolvers<void>();
  #stream: Duplex | undefined;
  #restore: DataListener[] = [];
  #wake: () => void = () => undefined;
  #ended = false;
  /** Rows copied, once it has ended well. */
  rows = 0;

  constructor(statement: string) {
    this.#statement = statement;
    this.#done.promise.catch(() => undefined);
  }

  submit(connection: pg.Connection): void {
    const { stream } = connection;
    this.#stream = stream;
    this.#restore = stream.listeners('data').map((listener) => listener as DataListener);
    stream.removeAllListeners('data');
    stream.on('data', this.#take);
    stream.once('close', this.#lost);
    connection.query(this.#statement);
  }

  handleError(error: unknown): void {
    this.#done.reject(error);
    this.#end();
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.rows = Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.#done.resolve();
    this.#end();
  }

  /** The rows' bytes; each piece is good until the next is asked for. Throws what the server said. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    for (;;) {
      const next = this.#waiting.shift();
      if (next !== undefined) {
        if (this.#waiting.length === MOST_WAITING / 2) this.#stream?.resume();
        yield next.rows;
        // Left to the collector, pieces would keep it running all the time.
        if (ownsMemory(next.piece)) release(next.piece);
        continue;
      }
      if (this.#ended) break;
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
    await this.#done.promise;
  }

  readonly #take = (piece: Buffer): void => {
    const { rows, rest } = this.#extractor.extract(piece);
    if (rows.length > 0) this.#waiting.push({ rows, piece });
    if (rest !== undefined) this.#handBack(rest);
    else if (this.#waiting.length >= MOST_WAITING) this.#stream?.pause();
    this.#wake();
  };

  /** What follows the copy is the client's again. */
  #handBack(rest: Buffer): void {
    const stream = this.#stream;
    if (stream === undefined) return;
    stream.removeListener('data', this.#take);
    for (const listener of this.#restore) {
      stream.on('data', listener);
      listener(rest);
    }
    stream.resume();
  }

  readonly #lost = (): void => {
    this.#done.reject(new Error('the connection was lost in the middle of a table'));
    this.#end();
  };

  #end(): void {
    this.#ended = true;
    this.#stream?.removeListener('close', this.#lost);
    this.#wake();
  }
}

const ownsMemory = ({ byteLength, buffer }: Buffer): boolean => byteLength === buffer.byteLength;

/**
 * Streams what a statement copies; returns the number of rows. A reader that stops before the end, or aborts, loses the connection with it: a
 * copy can't be left otherwise.
 */
export async function* copyOut(
  client: pg.Client,
  statement: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, number> {
  signal.throwIfAborted();
  const copy = new CopyOut(statement);
  const abort = (): void => void client.end();
  let whole = false;
  client.query(copy);
  signal.addEventListener('abort', abort, { once: true });
  try {
    yield* copy.pieces();
    whole = true;
    return copy.rows;
  } finally {
    signal.removeEventListener('abort', abort);
    if (!whole) abort();
  }
}
