/**
 * The byte stream of a connection, taken from the client for the time of one statement. The client makes objects of all values, which for
 * millions of rows takes longer than the server needs to send them.
 */
import type { Duplex } from 'node:stream';
import type { Connection } from 'mysql2/promise';
import { streamOf } from './connection.ts';

type DataListener = (bytes: Buffer) => void;

/** Pieces of about 64 KiB that may wait for the reader before the server has to. */
const MOST_WAITING = 8;
/** "Command Phase", COM_QUERY, in the documentation of the protocol. */
const COM_QUERY = 3;
const HEADER_BYTES = 4;

/** Writes the header of a packet: its payload's length in three bytes, and its number within the command. */
export function writePacketHeader(packet: Buffer, payload: number, sequence: number): void {
  packet.writeUIntLE(payload, 0, 3);
  packet.writeUInt8(sequence & 0xff, 3);
}

export class TakenStream implements Disposable {
  readonly stream: Duplex;
  readonly #listeners: readonly DataListener[];
  readonly #waiting: Buffer[] = [];
  #wake: () => void = () => undefined;
  #lost = false;

  /** The connection must have nothing under way, and must not be used until disposal. */
  constructor(connection: Connection) {
    this.stream = streamOf(connection);
    this.#listeners = this.stream.listeners('data').map((listener) => listener as DataListener);
    this.stream.removeAllListeners('data');
    this.stream.on('data', this.#take);
    this.stream.once('close', this.#close);
  }

  /** Sends a statement, which must fit into one packet. */
  sendQuery(statement: string): void {
    const text = Buffer.from(statement);
    const packet = Buffer.alloc(HEADER_BYTES + 1 + text.length);
    writePacketHeader(packet, 1 + text.length, 0);
    packet.writeUInt8(COM_QUERY, HEADER_BYTES);
    text.copy(packet, HEADER_BYTES + 1);
    this.stream.write(packet);
  }

  /** Whether there is nobody at the other end any more. */
  get lost(): boolean {
    return this.#lost;
  }

  /** The next bytes, which are the caller's. Rejects when the connection is lost. */
  async next(): Promise<Buffer> {
    for (;;) {
      const piece = this.#waiting.shift();
      if (piece !== undefined) {
        if (this.#waiting.length === MOST_WAITING / 2) this.stream.resume();
        return piece;
      }
      if (this.#lost) throw new Error('the connection was lost in the middle of a table');
      await new Promise<void>((resolve) => (this.#wake = resolve));
    }
  }

  /** The stream is the client's again. */
  [Symbol.dispose](): void {
    this.stream.removeListener('data', this.#take);
    this.stream.removeListener('close', this.#close);
    for (const listener of this.#listeners) this.stream.on('data', listener);
    this.stream.resume();
  }

  readonly #take = (piece: Buffer): void => {
    this.#waiting.push(piece);
    if (this.#waiting.length >= MOST_WAITING) this.stream.pause();
    this.#wake();
  };

  readonly #close = (): void => {
    this.#lost = true;
    this.#wake();
  };
}
