/** The rows of a query as lines of text, streamed. */
import type { Connection } from 'mysql2/promise';
import { release } from '../../../src/contracts/index.ts';
import { endAtOnce } from './connection.ts';
import { RowDecoder } from './row-decoder.ts';
import { TakenStream } from './taken-stream.ts';

/**
 * Streams what a query answers, as `RowDecoder` writes it; returns the number of rows. A piece is good until the next is asked for. A
 * reader that stops before the end, or aborts, loses the connection with it: an answer can't be left otherwise.
 */
export async function* readRows(
  connection: Connection,
  statement: string,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array, number> {
  signal.throwIfAborted();
  const abort = (): void => endAtOnce(connection);
  signal.addEventListener('abort', abort, { once: true });
  let whole = false;
  try {
    using taken = new TakenStream(connection);
    const decoder = new RowDecoder();
    taken.sendQuery(statement);
    while (!decoder.ended) {
      const piece = await taken.next();
      const lines = decoder.decode(piece);
      // Left to the collector, pieces would keep it running all the time.
      if (piece.byteLength === piece.buffer.byteLength) release(piece);
      if (lines.length > 0) yield lines;
    }
    whole = true;
    return decoder.rows;
  } finally {
    signal.removeEventListener('abort', abort);
    if (!whole) abort();
  }
}
