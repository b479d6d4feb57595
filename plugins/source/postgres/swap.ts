/** Puts a restored database in the place of the live one. */
import { setTimeout } from 'node:timers/promises';
import type pg from 'pg';
import { StrongroomError } from '../../../src/errors.ts';
import { withClient } from './connection.ts';
import type { ServerAccess } from './connection.ts';
import { databaseExists } from './databases.ts';
import { quoted } from './quoting.ts';

/** The three names of a swap: `live` becomes `before`, `beside` becomes `live`. */
export interface Swap {
  readonly live: string;
  readonly beside: string;
  readonly before: string;
}

const DISCONNECT_EVERY = 100;

/**
 * Swaps in one transaction. Whoever is connected to the live database is disconnected: a rename needs it for itself. The
 * rename takes the lock that new connections wait for, and then waits up to five seconds for the present ones to end; a
 * second connection ends them meanwhile, so that clients that come back at once can't keep the database occupied.
 */
export async function swapDatabases(
  access: ServerAccess,
  admin: string,
  { live, beside, before }: Swap,
): Promise<void> {
  await withClient(access, admin, async (client) => {
    if (!(await databaseExists(client, live))) {
      await client.query(`ALTER DATABASE ${quoted(beside)} RENAME TO ${quoted(live)}`);
      return;
    }
    const finished = new AbortController();
    const ending = withClient(access, admin, (other) => endConnections(other, live, finished.signal));
    // Awaited below; until then a failure of it must not count as one that nobody hears of.
    ending.catch(() => undefined);
    try {
      await client.query('BEGIN');
      await client.query(`ALTER DATABASE ${quoted(live)} RENAME TO ${quoted(before)}`);
      await client.query(`ALTER DATABASE ${quoted(beside)} RENAME TO ${quoted(live)}`);
      await client.query('COMMIT');
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new StrongroomError('RESTORE_FAILED', { subject: `database ${live}`, reason }, { cause: error });
    } finally {
      finished.abort();
      await ending;
    }
  });
}

async function endConnections(client: pg.Client, database: string, finished: AbortSignal): Promise<void> {
  while (!finished.aborted) {
    await client.query(
      `SELECT pg_terminate_backend(pid) FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid()
          AND (usename = current_user OR pg_has_role('pg_signal_backend', 'MEMBER')
               OR current_setting('is_superuser') = 'on')`,
      [database],
    );
    await setTimeout(DISCONNECT_EVERY);
  }
}
