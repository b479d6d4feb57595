/** One large file that does not compress, and what a program does to it that inserts records. */
import { createReadStream } from 'node:fs';
import { open, rename, stat } from 'node:fs/promises';
import { Noise } from './bytes.ts';
import type { Making } from './making.ts';

const INSERTS = 100;
const INSERT_BYTES = 1000;

/** Rewrites `path` with 100 inserts of 1 KB at random places. */
export async function insertRecords(path: string, seed: string, { scale, signal }: Making): Promise<void> {
  const random = new Noise(seed);
  const { size } = await stat(path);
  const count = Math.max(1, Math.round(INSERTS * scale));
  const places = Array.from({ length: count }, () => random.number(size)).toSorted((a, b) => a - b);
  const written = `${path}.new`;
  {
    await using out = await open(written, 'w');
    let from = 0;
    for (const place of [...places, size]) {
      if (place > from) {
        for await (const piece of createReadStream(path, {
          start: from,
          end: place - 1,
          highWaterMark: 2 ** 20,
          signal,
        }))
          await out.writeFile(piece as Buffer);
      }
      if (place < size) await out.writeFile(random.bytes(INSERT_BYTES));
      from = place;
    }
  }
  await rename(written, path);
}
