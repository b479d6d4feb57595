/** How sessions are set that write what was backed up. */
import type { Connection } from 'mysql2/promise';
import { endAtOnce, openConnection, type ServerAccess, withConnection } from './connection.ts';

/** What is written was right when it was read: nothing is checked row by row, and everything is as it was then. */
const SETTINGS = [
  // The thirty-first of February, where somebody's sessions allow it.
  `SET SESSION sql_mode = CONCAT(@@sql_mode, ',ALLOW_INVALID_DATES')`,
  `SET SESSION foreign_key_checks = 0, unique_checks = 0, max_error_count = 65535`,
  // A table waits for the other parts of itself.
  `SET SESSION innodb_lock_wait_timeout = 86400`,
  `/*M!100201 SET SESSION check_constraint_checks = 0, innodb_strict_mode = 0 */`,
  `/*M!101100 SET SESSION system_versioning_insert_history = 1 */`,
  `/*M!100304 SET SESSION system_versioning_alter_history = 'KEEP' */`,
];

async function prepare(connection: Connection): Promise<void> {
  for (const setting of SETTINGS) await connection.query(setting);
}

/** As `withConnection`, for writing. */
export const withWriter = <T>(
  access: ServerAccess,
  signal: AbortSignal,
  work: (connection: Connection) => Promise<T>,
): Promise<T> =>
  withConnection(access, signal, async (connection) => {
    await prepare(connection);
    return work(connection);
  });

/** As `openConnection`, for writing. */
export async function openWriter(access: ServerAccess, signal: AbortSignal): Promise<Connection> {
  const connection = await openConnection(access, signal);
  try {
    await prepare(connection);
    return connection;
  } catch (error) {
    endAtOnce(connection);
    throw error;
  }
}
