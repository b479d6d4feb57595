/** Who is in the way. */
import type { Connection } from 'mysql2/promise';
import { StrongroomError } from '../../../src/errors.ts';
import { ErrorNumber, numberOf, rowsOf, type ServerAccess, withConnection } from './connection.ts';

interface Holder {
  readonly id: number;
  readonly who: string;
  readonly state: string | null;
  readonly seconds: number;
}

/** Locks on tables are shown by no server without a plugin; transactions that are open are, and who uses tables. */
const HOLDERS = `
  SELECT p.ID AS id, CONCAT(p.USER, '@', p.HOST) AS who, p.STATE AS state,
         COALESCE(TIMESTAMPDIFF(SECOND, t.trx_started, SYSDATE()), p.TIME) AS seconds
    FROM information_schema.PROCESSLIST p LEFT JOIN information_schema.INNODB_TRX t ON t.trx_mysql_thread_id = p.ID
   WHERE p.ID <> CONNECTION_ID() AND p.ID NOT IN (?) AND p.USER <> 'system user'
     AND (t.trx_id IS NOT NULL OR p.COMMAND NOT IN ('Sleep', 'Daemon') OR p.DB IS NOT NULL)
   ORDER BY t.trx_started IS NULL, t.trx_started, p.TIME DESC LIMIT 3`;

/**
 * For a wait that took too long, `SOURCE_LOCKED` with those who most likely hold what was wanted: the oldest transactions first; any other
 * error as it is.
 * @param subject what was wanted
 * @param own connections of ours
 */
export async function namingHolders(
  access: ServerAccess,
  subject: string,
  own: readonly Connection[],
  error: unknown,
  signal: AbortSignal,
): Promise<unknown> {
  const number = numberOf(error);
  const isTimeout = number === ErrorNumber.lockWaitTimeout || number === ErrorNumber.deadlock;
  if (!isTimeout || signal.aborted) return error;
  const ids = own.map(({ threadId }) => threadId);
  // Who may not see others, or finds no connection free, still hears of the lock.
  const holder = await holdersOf(access, ids, signal).catch(
    (second: unknown) => `somebody; who can't be said: ${second instanceof Error ? second.message : String(second)}`,
  );
  return new StrongroomError('SOURCE_LOCKED', { subject, holder }, { cause: error });
}

const holdersOf = (access: ServerAccess, own: readonly number[], signal: AbortSignal): Promise<string> =>
  withConnection(access, signal, async (connection) => {
    const holders = await rowsOf<Holder>(connection, HOLDERS.replace('?', [0, ...own].join(', ')));
    const words = holders.map(
      ({ id, who, state, seconds }) => `${who}, connection ${id}, ${state || 'in a transaction'}, for ${seconds} s`,
    );
    return words.length === 0 ? 'somebody who has let go of it since' : `most likely ${words.join('; ')}`;
  });
