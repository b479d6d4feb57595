/** Bytes that are the same in every run: noise, and rows like those of a database dump. */
import { createCipheriv } from 'node:crypto';
import { open } from 'node:fs/promises';

export const MIB = 2 ** 20;

/** Bytes that nothing compresses; the same for the same seed. */
export class Noise {
  readonly #cipher;

  constructor(seed: string) {
    const key = Buffer.alloc(32);
    key.write(seed);
    this.#cipher = createCipheriv('aes-256-ctr', key, Buffer.alloc(16));
  }

  bytes(length: number): Buffer {
    return this.#cipher.update(Buffer.alloc(length));
  }

  /** A whole number from 0 to `below` − 1. */
  number(below: number): number {
    return this.bytes(6).readUIntLE(0, 6) % below;
  }
}

/** Noise for ever, in pieces of 1 MiB. */
export function* noise(seed: string): Generator<Buffer> {
  const random = new Noise(seed);
  for (;;) yield random.bytes(MIB);
}

const NAMES = 'Anna Bert Cora Dirk Elsa Finn Greta Hugo Ida Jan Klara Lars Mia Nils Olga Paul'.split(' ');

/** Rows for ever, in pieces of about 1 MiB: numbers, names, dates and a random word each; they compress to about a third. */
export function* rows(seed: string): Generator<Buffer> {
  const random = new Noise(seed);
  for (let id = 1; ;) {
    const bytes = random.bytes(MIB / 4);
    let text = '';
    for (let at = 0; at + 16 <= bytes.length && text.length < MIB; at += 16, id++) {
      const name = NAMES[(bytes[at] ?? 0) % NAMES.length] ?? '';
      const day = (bytes.readUInt16LE(at + 1) % 28) + 1;
      const amount = (bytes.readUInt32LE(at + 3) % 1_000_000) / 100;
      text += `INSERT INTO booking VALUES (${id}, '${name}', '2024-0${(day % 9) + 1}-${String(day).padStart(2, '0')}', ${amount}, '${bytes.toString('hex', at + 8, at + 14)}', NULL, 'open');\n`;
    }
    yield Buffer.from(text);
  }
}

/** The dump of a database with blobs in it: rows and noise in turns, of 64 KiB to 1 MiB each. */
export function* dumpWithBlobs(seed: string): Generator<Buffer> {
  const random = new Noise(`${seed} turns`);
  const kinds = [rows(seed), noise(`${seed} blobs`)];
  for (;;) {
    const length = MIB / 16 + random.number((MIB * 15) / 16);
    for (const kind of kinds) yield (kind.next().value as Buffer).subarray(0, length);
  }
}

/** Writes a file of `bytes` from `pieces`, which must be enough, replacing what is there. */
export async function writeFileOf(
  path: string,
  bytes: number,
  pieces: Iterable<Buffer>,
  signal: AbortSignal,
): Promise<void> {
  await using out = await open(path, 'w');
  let left = bytes;
  for (const piece of pieces) {
    signal.throwIfAborted();
    const part = piece.subarray(0, left);
    await out.writeFile(part);
    left -= part.length;
    if (left === 0) return;
  }
}
