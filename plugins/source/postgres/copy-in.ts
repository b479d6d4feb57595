/** `COPY … FROM STDIN`, fed from a stream (PostgreSQL's manual, "Frontend/Backend Protocol", COPY Operations). */
import type { Duplex } from 'node:stream';
import type pg from 'pg';
import { FrameWriter } from '../database/frame-writer.ts';

const COPY_DATA = 'd'.charCodeAt(0);
const COPY_DONE = 'c'.charCodeAt(0);
const COPY_FAIL = 'f'.charCodeAt(0);
/** The length of a message counts itself. */
const LENGTH_BYTES = 4;

const HEADER_BYTES = 1 + LENGTH_BYTES;

function writeHeader(kind: number, message: Buffer, payload: number): void {
  message.writeUInt8(kind, 0);
  message.writeUInt32BE(payload + LENGTH_BYTES, 1);
}

function messageOf(kind: number, payload: Buffer): Buffer {
  const message = Buffer.concat([Buffer.alloc(HEADER_BYTES), payload]);
  writeHeader(kind, message, payload.length);
  return message;
}

/** A query as the client takes it, that asks for rows. */
class CopyIn implements pg.Submittable {
  readonly #statement: string;
  readonly #ready = Promise.withResolvers<Duplex>();
  readonly #done = Promise.withResolvers<number>();
  #stream: Duplex | undefined;
  #rows = 0;
  #failed = false;

  constructor(statement: string) {
    this.#statement = statement;
    for (const { promise } of [this.#ready, this.#done]) promise.catch(() => undefined);
  }

  /** Resolves when the server wants rows. */
  get ready(): Promise<Duplex> {
    return this.#ready.promise;
  }

  /** Number of rows, when the server has them all; rejects with what it said. */
  get done(): Promise<number> {
    return this.#done.promise;
  }

  get failed(): boolean {
    return this.#failed;
  }

  submit(connection: pg.Connection): void {
    this.#stream = connection.stream;
    connection.query(this.#statement);
  }

  handleCopyInResponse(): void {
    if (this.#stream !== undefined) this.#ready.resolve(this.#stream);
  }

  handleCommandComplete({ text }: { readonly text: string }): void {
    this.#rows = Number(/^COPY (\d+)/.exec(text)?.[1] ?? 0);
  }

  handleReadyForQuery(): void {
    this.#done.resolve(this.#rows);
  }

  handleError(error: unknown): void {
    this.#failed = true;
    this.#ready.reject(error);
    this.#done.reject(error);
  }
}

/**
 * Copies all of `content` in; resolves with the number of rows. When the content can't be read, the server forgets the whole copy, and
 * that error is thrown; else what the server said.
 */
export async function copyIn(
  client: pg.Client,
  statement: string,
  content: AsyncIterable<Uint8Array>,
): Promise<number> {
  const copy = new CopyIn(statement);
  client.query(copy);
  const stream = await copy.ready;
  try {
    const writer = new FrameWriter(stream, HEADER_BYTES, (frame, payload) => writeHeader(COPY_DATA, frame, payload));
    for await (const piece of content) {
      if (copy.failed) break;
      await writer.write(piece);
    }
    if (!copy.failed) await writer.flush();
  } catch (error) {
    stream.write(messageOf(COPY_FAIL, Buffer.from('what is to be copied can not be read\0')));
    await copy.done.catch(() => undefined);
    throw error;
  }
  if (!copy.failed) stream.write(messageOf(COPY_DONE, Buffer.alloc(0)));
  return await copy.done;
}
