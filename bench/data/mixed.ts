/** The mixed data: a third noise, a third text dump, a third small files of real software, and one small file to be looked for. */
import { cp, mkdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { MIB, noise, rows, writeFileOf } from './bytes.ts';
import type { Making } from './making.ts';

/** A file of 10 KB below the root of the mixed data. */
export const SINGLE_FILE = 'letter.txt';

/** Makes about 1.25 GB below `root`. The small files are those of this project's own dependencies. */
export async function makeMixed(root: string, { scale, signal }: Making): Promise<void> {
  await mkdir(join(root, 'noise'), { recursive: true });
  await mkdir(join(root, 'dump'));
  await writeFileOf(join(root, SINGLE_FILE), 10_000, rows('letter'), signal);
  for (let file = 0; file < 13; file++)
    await writeFileOf(join(root, 'noise', `scan-${file}.bin`), scaled(32 * MIB, scale), noise(`scan ${file}`), signal);
  for (let file = 0; file < 4; file++)
    await writeFileOf(join(root, 'dump', `table-${file}.sql`), scaled(104 * MIB, scale), rows(`table ${file}`), signal);
  await copySoftware(join(root, 'software'), scaled(416 * MIB, scale), signal);
}

const scaled = (bytes: number, scale: number): number => Math.ceil(bytes * scale);

/** Copies packages until there are `bytes`. */
async function copySoftware(target: string, bytes: number, signal: AbortSignal): Promise<void> {
  const source = fileURLToPath(new URL('../../node_modules', import.meta.url));
  const { stdout } = await execa('du', ['--apparent-size', '--bytes', '--max-depth=1', source]);
  const packages = stdout
    .split('\n')
    .map((line) => line.split('\t'))
    .map(([size, path]) => ({ size: Number(size), path: path ?? '' }))
    // Folders with a dot hold caches and links; single huge binaries are not "small files".
    .filter(({ size, path }) => path !== source && !basename(path).startsWith('.') && size <= 64 * MIB)
    .toSorted((a, b) => (a.path < b.path ? -1 : 1));
  if (packages.length === 0) throw new Error('There is no software to copy: run `npm ci` first.');
  let copied = 0;
  // Rounds under another name only where software runs short.
  for (let round = 0; copied < bytes; round++) {
    for (const { size, path } of packages) {
      if (copied >= bytes) return;
      signal.throwIfAborted();
      const to = join(target, `round-${round}`, basename(path));
      await cp(path, to, { recursive: true, verbatimSymlinks: true });
      copied += size;
    }
  }
}
