/** Work on the server that may take any time and must stop when a restore is cancelled. */
import type pg from 'pg';
import type { RestoreContext } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { type ServerAccess, withClient } from './connection.ts';

/** For what takes the longer the larger the database is. */
const ANY_TIME = 0;

/** Runs `work` over a connection of its own; closes that, and with it what runs, when the signal is aborted. */
export const onServer = <T>(
  access: ServerAccess,
  database: string,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<T>,
): Promise<T> => withClient(access, database, (client) => Promise.race([work(client), cancelled(signal)]), ANY_TIME);

/** Rejects with `CANCELLED` on abort. */
const cancelled = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(new StrongroomError('CANCELLED', {}, { cause: signal.reason }));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/** Whether the user may do everything: only then may he give tables to others. */
export async function isSuperuser(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query<{ is: string }>(`SELECT current_setting('is_superuser') AS is`);
  return rows[0]?.is === 'on';
}

/** The option of `pg_restore` that has everything lie where the database does, if the server lacks a tablespace; with a warning. */
export async function tablespaceOption(
  client: pg.Client,
  tablespaces: readonly string[],
  { warn }: Pick<RestoreContext, 'warn'>,
): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>('SELECT spcname::text AS name FROM pg_catalog.pg_tablespace');
  const there = new Set(rows.map(({ name }) => name));
  const missing = tablespaces.filter((name) => !there.has(name));
  if (missing.length === 0) return [];
  const subject = `tablespace ${missing.join(', ')}`;
  const reason = 'the server does not have it; everything lies in that of the database';
  const { message } = new StrongroomError('RESTORE_ATTRIBUTE', { attribute: 'the place', path: subject, reason });
  warn({ code: 'RESTORE_ATTRIBUTE', subject, message });
  return ['--no-tablespaces'];
}

/** Throws `RESTORE_FAILED` for an index that is there and not valid. Constraints are checked as they are made. */
export async function proveIndexesValid(client: pg.Client, database: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT i.indexrelid::regclass::text AS name FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      WHERE NOT i.indisvalid AND c.relkind = 'i' LIMIT 1`,
  );
  const [invalid] = rows;
  if (invalid === undefined) return;
  const reason = 'it was made and is not valid';
  throw new StrongroomError('RESTORE_FAILED', { subject: `index ${invalid.name} of database ${database}`, reason });
}
