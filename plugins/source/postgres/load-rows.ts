/** Fills tables of a database by `COPY`. */
import type { RestoreContext } from '../../../src/contracts/index.ts';
import { loadParts, type PartLoader, type TableToLoad } from '../database/load-parts.ts';
import { openClient, type ServerAccess, serverError } from './connection.ts';
import { copyIn } from './copy-in.ts';
import type { TableFacts } from './facts.ts';
import { qualified } from './found-tables.ts';
import { copyInto } from './parts.ts';
import { PORTABLE_TEXT } from './session-settings.ts';

/** For copies, which take as long as they take. */
const ANY_TIME = 0;

/** Copies all rows in, over as many connections as `access` allows. See `loadParts` for what it reports and throws. */
export async function loadRows(
  access: ServerAccess,
  database: string,
  encoding: string,
  tables: readonly TableToLoad<TableFacts>[],
  context: RestoreContext,
): Promise<void> {
  try {
    await loadParts(tables, access.connections, context, (signal, work) =>
      withLoader(access, database, encoding, signal, work),
    );
  } catch (error) {
    throw serverError(access, database, error);
  }
}

/** A table that comes in one part is marked as seen by all from the start: nothing has to visit its rows again. */
async function withLoader(
  access: ServerAccess,
  database: string,
  encoding: string,
  signal: AbortSignal,
  work: (load: PartLoader<TableFacts>) => Promise<void>,
): Promise<void> {
  const client = await openClient(access, database, ANY_TIME);
  const abort = (): void => void client.end();
  signal.addEventListener('abort', abort, { once: true });
  try {
    // What is loaded counts only once a later commit has reached the disk, and with it everything before it.
    await client.query(`${PORTABLE_TEXT}; SET synchronous_commit = off`);
    await work(async ({ table: { facts, parts } }, content) => {
      const freeze = parts.length === 1 && !facts.ofExtension;
      await client.query(freeze ? `BEGIN; TRUNCATE ONLY ${qualified(facts)}` : 'BEGIN');
      const rows = await copyIn(client, copyInto(facts, encoding, freeze), content);
      await client.query('COMMIT');
      return rows;
    });
  } finally {
    signal.removeEventListener('abort', abort);
    await client.end();
  }
}
