/** Which databases of a server a source is about. */
import type { Connection } from 'mysql2/promise';
import { type DatabaseChoice, matching } from '../database/database-choice.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { literal } from './quoting.ts';
import { rowsOf, type ServerAccess, serverName } from './connection.ts';

/** Those of the server itself. */
const SYSTEM: readonly string[] = ['information_schema', 'performance_schema', 'mysql', 'sys'];

export const isSystemDatabase = (name: string): boolean => SYSTEM.includes(name.toLowerCase());

export interface ListedDatabase {
  readonly name: string;
  readonly bytes: number;
}

/** All databases but the server's own, largest first. */
export async function listDatabases(connection: Connection): Promise<readonly ListedDatabase[]> {
  const rows = await rowsOf<{ name: string; bytes: string | number | null }>(
    connection,
    `SELECT s.SCHEMA_NAME AS name, SUM(t.DATA_LENGTH + t.INDEX_LENGTH) AS bytes
       FROM information_schema.SCHEMATA s LEFT JOIN information_schema.TABLES t ON t.TABLE_SCHEMA = s.SCHEMA_NAME
      WHERE s.SCHEMA_NAME NOT IN (${SYSTEM.map(literal).join(', ')}) GROUP BY s.SCHEMA_NAME ORDER BY bytes DESC, name`,
  );
  return rows.map(({ name, bytes }) => ({ name, bytes: Number(bytes ?? 0) }));
}

export async function databaseExists(connection: Connection, name: string): Promise<boolean> {
  const found = await rowsOf(connection, 'SELECT 1 FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?', [name]);
  return found.length > 0;
}

/** Names of the databases chosen. Throws `SOURCE_MISSING` where the one named is not there, or patterns choose none. */
export async function chosenDatabases(
  connection: Connection,
  access: ServerAccess,
  choice: DatabaseChoice,
): Promise<readonly string[]> {
  if (choice.kind === 'matching') {
    const names = (await listDatabases(connection)).map(({ name }) => name);
    return matching(names, choice, serverName(access));
  }
  if (await databaseExists(connection, choice.name)) return [choice.name];
  throw new StrongroomError('SOURCE_MISSING', { subject: `database ${choice.name} on ${serverName(access)}` });
}
