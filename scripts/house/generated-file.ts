/** Files that are made from code: written, or compared with what they should be. */
import { writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { readIfPresent } from './text-file.ts';

const root = join(import.meta.dirname, '..', '..');

/**
 * Writes `content` to `path` (below the root of the project). With `--check` on the command line it writes nothing and fails the
 * process when the file differs.
 */
export async function generate(path: string, content: string): Promise<void> {
  const absolute = join(root, path);
  const present = await readIfPresent(absolute);
  if (present === content) return;
  if (process.argv.includes('--check')) {
    console.error(`${relative(root, absolute)} is stale. Run: npm run generate`);
    process.exitCode = 1;
    return;
  }
  await writeFile(absolute, content);
  console.log(`Wrote ${relative(root, absolute)}.`);
}
