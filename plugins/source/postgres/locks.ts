/** Locks on tables: taken for reading, with the words for who is in the way. */
import type pg from 'pg';
import { StrongroomError } from '../../../src/errors.ts';
import { type ServerAccess, withClient } from './connection.ts';
import { qualified } from './found-tables.ts';

type Named = { readonly oid: number; readonly schema: string; readonly name: string };

/** Tables in one statement; it waits for each of them in turn. */
const AT_ONCE = 200;
const LOCK_TIMEOUT = '55P03';
const DEADLOCK = '40P01';
const NO_TABLE = '42P01';
const NO_SCHEMA = '3F000';

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

export const isLockTimeout = (error: unknown): boolean => [LOCK_TIMEOUT, DEADLOCK].includes(String(codeOf(error)));

/**
 * Locks tables against being dropped or altered, to the end of the transaction. Reading and writing go on. Throws `SOURCE_LOCKED`, which
 * names who is in the way, after `timeoutSeconds` of waiting for one of them. Answers `vanished` where one is not there any more; the
 * transaction has then failed.
 */
export async function lockForReading(
  client: pg.Client,
  tables: readonly Named[],
  access: ServerAccess,
  timeoutSeconds: number,
): Promise<'locked' | 'vanished'> {
  await client.query(`SET LOCAL lock_timeout = '${timeoutSeconds}s'`);
  for (let at = 0; at < tables.length; at += AT_ONCE) {
    const some = tables.slice(at, at + AT_ONCE);
    try {
      await client.query(`LOCK TABLE ONLY ${some.map(qualified).join(', ONLY ')} IN ACCESS SHARE MODE`);
    } catch (error) {
      if (codeOf(error) === NO_TABLE || codeOf(error) === NO_SCHEMA) return 'vanished';
      if (!isLockTimeout(error)) throw error;
      throw await lockedError(access, some, error);
    }
  }
  return 'locked';
}

/** Who holds, or waits for, a lock on one of the tables that nobody can read beside. */
export async function lockedError(
  access: ServerAccess,
  tables: readonly Named[],
  cause: unknown,
): Promise<StrongroomError> {
  const { rows } = await withClient(access, access.database, (client) =>
    client.query<{ table: string; pid: number; who: string; application: string; state: string; seconds: number }>(
      `SELECT l.relation::regclass::text AS table, a.pid, a.usename AS who, a.application_name AS application, a.state,
              extract(epoch FROM now() - a.xact_start)::int AS seconds
         FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid
        WHERE l.locktype = 'relation' AND l.database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())
          AND l.relation = ANY($1::oid[]) AND l.mode = 'AccessExclusiveLock' ORDER BY l.granted DESC, a.xact_start LIMIT 3`,
      [tables.map(({ oid }) => oid)],
    ),
  );
  const holders = rows.map(
    ({ pid, who, application, state, seconds }) =>
      `${who}${application === '' ? '' : ` (${application})`}, process ${pid}, ${state}, in a transaction for ${seconds} s`,
  );
  const subject = rows[0] === undefined ? `a table of database ${access.database}` : `table ${rows[0].table}`;
  const holder = holders.length === 0 ? 'somebody who has let go of it since' : holders.join('; ');
  return new StrongroomError('SOURCE_LOCKED', { subject, holder }, { cause });
}
