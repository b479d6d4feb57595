/** Text files that may be absent. */
import { readFile } from 'node:fs/promises';

/** Content of a text file, or nothing where there is no such file. */
export async function readIfPresent(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return '';
    throw error;
  }
}
