/** Makes a consistent copy of a database while others write to it. */
import { existsSync, statSync } from 'node:fs';
import { backup } from 'node:sqlite';
import type { ReadContext } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { beginReading, describeTables, openDatabase, proveIntegrity, sqliteError } from './database.ts';

/** Pages copied between two looks at the signal. */
const PAGES_A_STEP = 2_000;

/**
 * Copies the database at `path` to a new file, proves the copy whole and reports its tables. The copy is one complete
 * file with the journal mode of the original, which is read within one transaction: in WAL mode writers go on, and what
 * they write is not in the copy; in the other modes they wait for the copy to end.
 */
export async function copyDatabase(path: string, copy: string, context: ReadContext): Promise<void> {
  using source = openDatabase(path, { readOnly: true });
  try {
    await beginReading(source, context.signal);
    await backup(source, copy, {
      rate: PAGES_A_STEP,
      progress: () => throwIfCancelled(context.signal),
    });
    source.exec('ROLLBACK');
  } catch (error) {
    throw sqliteError(path, error);
  }
  throwIfCancelled(context.signal);
  context.expect({ items: 1, bytes: statSync(copy).size });
  await finishCopy(path, copy, context);
}

async function finishCopy(path: string, copy: string, context: ReadContext): Promise<void> {
  {
    using database = openDatabase(copy, { readOnly: false });
    await proveIntegrity(database, path, context.signal);
    for await (const table of describeTables(database, context.signal)) context.table(table);
  }
  for (const more of ['-wal', '-journal']) {
    if (existsSync(copy + more))
      throw new StrongroomError('INTERNAL', { reason: `The copy of ${path} left a ${more} file.` });
  }
}
