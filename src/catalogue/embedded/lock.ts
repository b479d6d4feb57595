/** One service at a time for a data directory. */
import { open, readFile, writeFile } from 'node:fs/promises';
import { DatabaseSync } from 'node:sqlite';
import { StrongroomError } from '../../errors.ts';
import type { EmbeddedLayout } from './layout.ts';

/** SQLite's code for a lock that somebody else holds. */
const SQLITE_BUSY = 5;

/**
 * Takes the lock or throws `CATALOGUE_IN_USE`. Node has no file locks of its own, SQLite has: the system lets go of them
 * when the process ends, in whatever way, and they hold between containers that share the directory.
 */
export async function lockDataDirectory(layout: EmbeddedLayout): Promise<Disposable> {
  await ensurePrivateFile(layout.lock);
  const database = new DatabaseSync(layout.lock);
  try {
    database.exec('BEGIN EXCLUSIVE');
  } catch (error) {
    database.close();
    if (!(error instanceof Error && 'errcode' in error && error.errcode === SQLITE_BUSY)) throw error;
    const holder = await readFile(layout.process, 'utf8').catch(() => '');
    throw new StrongroomError('CATALOGUE_IN_USE', { directory: layout.data, process: holder.trim() || 'unknown' });
  }
  await writeFile(layout.process, `${process.pid}\n`, { mode: 0o600 });
  return { [Symbol.dispose]: () => database.close() };
}

/** Never opened a second time: closing any handle of a file lets go of this process's lock on it. */
async function ensurePrivateFile(path: string): Promise<void> {
  try {
    await using file = await open(path, 'wx', 0o600);
    await file.sync();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  }
}
