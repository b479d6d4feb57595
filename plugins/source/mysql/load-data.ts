/** `LOAD DATA LOCAL`, fed from a stream (documentation of the protocol: "LOCAL INFILE Request"). */
import type { Connection } from 'mysql2/promise';
import { FrameWriter } from '../database/frame-writer.ts';
import { endAtOnce } from './connection.ts';
import { refusalOf } from './row-decoder.ts';
import { TakenStream, writePacketHeader } from './taken-stream.ts';

const HEADER_BYTES = 4;
const REFUSAL = 0xff;
const FILE_REQUEST = 0xfb;
/** The request for the file was number 1. */
const FIRST_SEQUENCE = 2;

/** What the server says of a load. */
export interface Loaded {
  readonly rows: number;
  readonly skipped: number;
  readonly warnings: number;
}

/**
 * Loads all of `content`; resolves with what the server counted. When the content can't be read that error is thrown and the connection is
 * closed, upon which the server forgets the load; what the server refuses is thrown as `ServerRefusal`.
 */
export async function loadData(
  connection: Connection,
  statement: string,
  content: AsyncIterable<Uint8Array>,
): Promise<Loaded> {
  let whole = false;
  try {
    using taken = new TakenStream(connection);
    taken.sendQuery(statement);
    const asked = await readMessage(taken);
    if (asked[0] === REFUSAL) throw refusalOf(asked);
    if (asked[0] !== FILE_REQUEST) throw new RangeError('The server did not ask for rows.');
    let sequence = FIRST_SEQUENCE;
    const writer = new FrameWriter(taken.stream, HEADER_BYTES, (frame, payload) => {
      writePacketHeader(frame, payload, sequence);
      sequence += 1;
    });
    for await (const piece of content) {
      await writer.write(piece);
      // `readMessage` says so.
      if (taken.lost) break;
    }
    await writer.flush();
    const end = Buffer.alloc(HEADER_BYTES);
    writePacketHeader(end, 0, sequence);
    taken.stream.write(end);
    const answer = await readMessage(taken);
    whole = true;
    if (answer[0] === REFUSAL) throw refusalOf(answer);
    return loadedOf(answer);
  } finally {
    if (!whole) endAtOnce(connection);
  }
}

/** A message of one packet, without its header. */
async function readMessage(taken: TakenStream): Promise<Buffer> {
  let message = await taken.next();
  while (message.length < HEADER_BYTES || message.length < HEADER_BYTES + message.readUIntLE(0, 3)) {
    message = Buffer.concat([message, await taken.next()]);
  }
  return message.subarray(HEADER_BYTES);
}

/** The counts are words in the answer: `Records: 3  Deleted: 0  Skipped: 0  Warnings: 0`. */
function loadedOf(answer: Buffer): Loaded {
  const words = answer.toString('latin1');
  const count = (name: string): number => Number(new RegExp(`${name}: (\\d+)`).exec(words)?.[1] ?? Number.NaN);
  return { rows: count('Records'), skipped: count('Skipped'), warnings: count('Warnings') };
}
