/** Exchanges tables of the live database for others, in one statement. */
import { setTimeout } from 'node:timers/promises';
import type { Connection } from 'mysql2/promise';
import { dropPrograms } from './apply-programs.ts';
import { endAtOnce, rowsOf, type ServerAccess, stopOnServer } from './connection.ts';
import type { Program } from './facts.ts';
import { namingHolders } from './locks.ts';
import { qualified } from './quoting.ts';
import { openWriter, withWriter } from './restore-session.ts';

export interface Exchange {
  readonly access: ServerAccess;
  readonly live: string;
  /** Tables that leave the live database, and the one that they go to. */
  readonly leaving: readonly string[];
  readonly to: string;
  /** Tables that come, and where they are. */
  readonly coming: readonly string[];
  readonly from: string;
  /** A table that is renamed with them, and so tells whether it was done. */
  readonly marker: { readonly database: string; readonly from: string; readonly to: string };
  /** The triggers of the tables that leave, as they are now. */
  readonly triggers: readonly Program[];
  /** Whether it must be one statement. Several are faster: the server's time for one grows with the square of its tables. */
  readonly atOnce: boolean;
  readonly signal: AbortSignal;
}

const LOOK_EVERY_MS = 10;
const TABLES_TOGETHER = 100;

/**
 * One statement renames all, and last the marker: nobody ever sees a part of it, and whoever uses a table waits for it. A table with triggers can't go to
 * another database, so those are dropped first, while nobody can write: whoever calls makes them again if this fails. Throws `SOURCE_LOCKED`
 * where transactions of others last longer than the configured time.
 */
export async function exchangeTables(exchange: Exchange): Promise<void> {
  const { access, live, triggers, signal } = exchange;
  const renames = [
    ...exchange.leaving.map((name) => [qualified(live, name), qualified(exchange.to, name)]),
    ...exchange.coming.map((name) => [qualified(exchange.from, name), qualified(live, name)]),
    [
      qualified(exchange.marker.database, exchange.marker.from),
      qualified(exchange.marker.database, exchange.marker.to),
    ],
  ];
  const together = exchange.atOnce ? renames.length : TABLES_TOGETHER;
  const rename = async (connection: Connection): Promise<void> => {
    for (let at = 0; at < renames.length; at += together) {
      const some = renames.slice(at, at + together).map((pair) => pair.join(' TO '));
      await connection.query(`RENAME TABLE ${some.join(', ')}`);
    }
  };
  await withWriter(access, signal, async (connection) => {
    if (triggers.length === 0) {
      await orLocked(exchange, [connection], () => rename(connection));
      return;
    }
    const locker = await openWriter(access, signal);
    const abort = (): void => endAtOnce(locker);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const locks = exchange.leaving.map((name) => `${qualified(live, name)} WRITE`).join(', ');
      await orLocked(exchange, [connection, locker], () => locker.query(`LOCK TABLES ${locks}`));
      await dropPrograms(locker, live, triggers);
      const renamed = orLocked(exchange, [connection, locker], () => rename(connection));
      // Awaited below; until then a failure of it must not count as one that nobody hears of.
      renamed.catch(() => undefined);
      await isQueued(locker, connection);
      await locker.query('UNLOCK TABLES');
      await renamed;
    } finally {
      signal.removeEventListener('abort', abort);
      endAtOnce(locker);
      if (signal.aborted) await stopOnServer(access, locker.threadId);
    }
  });
}

/** Resolves when `other` waits for the lock that `locker` has: it then comes before everybody else who does. */
async function isQueued(locker: Connection, other: Connection): Promise<void> {
  for (;;) {
    const [row] = await rowsOf<{ state: string | null; command: string }>(
      locker,
      'SELECT STATE AS state, COMMAND AS command FROM information_schema.PROCESSLIST WHERE ID = ?',
      [other.threadId],
    );
    if (row === undefined || row.command === 'Sleep' || /metadata lock/i.test(row.state ?? '')) return;
    await setTimeout(LOOK_EVERY_MS);
  }
}

async function orLocked(
  { access, live, signal }: Exchange,
  own: readonly Connection[],
  work: () => Promise<unknown>,
): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw await namingHolders(access, `a table of database ${live}`, own, error, signal);
  }
}
