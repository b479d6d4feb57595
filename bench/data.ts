/** The data that is backed up: a third noise, a third text dump, a third small files of real software. Fixed seeds. */
import { createCipheriv } from 'node:crypto';
import { createWriteStream } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

const MIB = 2 ** 20;

/** Makes the mixed data below `root`: about 1.25 GB. Small files are this project's own dependencies. */
export async function makeMixed(root: string): Promise<void> {
  await mkdir(join(root, 'noise'), { recursive: true });
  await mkdir(join(root, 'dump'));
  for (let file = 0; file < 13; file++) await writeFile(join(root, 'noise', `scan-${file}.bin`), 32 * MIB, noise(file));
  for (let file = 0; file < 4; file++) await writeFile(join(root, 'dump', `table-${file}.sql`), 104 * MIB, dump(file));
  await copySoftware(join(root, 'software'), 416 * MIB);
}

/** Copies packages until there are `bytes`. */
async function copySoftware(target: string, bytes: number): Promise<void> {
  const source = fileURLToPath(new URL('../node_modules', import.meta.url));
  const { stdout } = await execa('du', ['--apparent-size', '--bytes', '--max-depth=1', source]);
  const packages = stdout
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([size, path]) => ({ size: Number(size), path: path ?? '' }))
    .filter(({ path }) => path !== source)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  let copied = 0;
  for (let round = 0; copied < bytes; round++) {
    for (const { size, path } of packages) {
      // Single huge binaries are not "small files"; whole rounds are repeated with changed names only if software runs short.
      if (size > 64 * MIB || copied >= bytes) continue;
      await cp(path, join(target, `round-${round}`, path.slice(source.length + 1)), {
        recursive: true,
        verbatimSymlinks: true,
      });
      copied += size;
    }
    if (round === 0 && copied === 0) throw new Error('There is no software to copy: run `npm ci` first.');
  }
}

async function writeFile(path: string, bytes: number, pieces: Iterator<Buffer>): Promise<void> {
  const out = createWriteStream(path);
  for (let written = 0; written < bytes;) {
    const piece = pieces.next().value as Buffer;
    const part = piece.subarray(0, bytes - written);
    written += part.length;
    if (!out.write(part)) await once(out, 'drain');
  }
  out.end();
  await finished(out);
}

function* noise(seed: number): Generator<Buffer> {
  const cipher = createCipheriv('aes-256-ctr', Buffer.alloc(32, seed + 1), Buffer.alloc(16));
  for (;;) yield cipher.update(Buffer.alloc(MIB));
}

const NAMES = 'Anna Bert Cora Dirk Elsa Finn Greta Hugo Ida Jan Klara Lars Mia Nils Olga Paul'.split(' ');

/** Rows like those of a dump: numbers, names, dates, some random words. */
function* dump(seed: number): Generator<Buffer> {
  const random = noise(seed + 100);
  for (let id = seed * 10_000_000; ;) {
    const bytes = random.next().value as Buffer;
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
