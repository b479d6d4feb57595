/** `COPY … FROM STDIN`, fed from a stream (PostgreSQL's manual, "Frontend/Backend Protocol", COPY Operations). */
import type { Duplex } from 'node:stream';
import type pg from 'pg';

const COPY_DATA = 'd'.charCodeAt(0);
const COPY_DONE = 'c'.charCodeAt(0);
const COPY_FAIL = 'f'.charCodeAt(0);
/** The length of a message counts itself. */
const LENGTH_BYTES = 4;

function headerOf(kind: number, payload: number): Buffer {
  const header = Buffer.alloc(1 + LENGTH_BYTES);
  header.writeUInt8(kind, 0);
  header.writeUInt32BE(payload + LENGTH_BYTES, 1);
  return header;
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
    for await (const piece of content) {
      if (copy.failed) break;
      await written(stream, piece);
    }
  } catch (error) {
    const reason = Buffer.from('what is to be copied can not be read\0');
    stream.write(Buffer.concat([headerOf(COPY_FAIL, reason.length), reason]));
    await copy.done.catch(() => undefined);
    throw error;
  }
  if (!copy.failed) stream.write(headerOf(COPY_DONE, 0));
  return await copy.done;
}

/** Resolves when the system has taken the piece over, whose memory may then be used again, or the connection is lost, which the copy says. */
function written(stream: Duplex, piece: Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.cork();
    stream.write(headerOf(COPY_DATA, piece.length));
    stream.write(piece, () => resolve());
    stream.uncork();
  });
}
