/** Which databases of a server a source is about. */
import type pg from 'pg';
import { type DatabaseChoice, matching } from '../database/database-choice.ts';
import { type ServerAccess, withClient } from './connection.ts';

/** A database as the server lists it. */
export interface ListedDatabase {
  readonly name: string;
  /** Absent where the user may not connect. */
  readonly bytes?: number;
}

/** All databases but templates and those that take no connections, largest first. */
export async function listDatabases(client: pg.Client): Promise<readonly ListedDatabase[]> {
  const { rows } = await client.query<{ name: string; bytes: string | null }>(
    `SELECT datname::text AS name, CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END AS bytes
       FROM pg_catalog.pg_database WHERE NOT datistemplate AND datallowconn ORDER BY bytes DESC NULLS LAST, name`,
  );
  return rows.map(({ name, bytes }) => ({ name, ...(bytes !== null && { bytes: Number(bytes) }) }));
}

/** Names of the databases chosen, in the order of a tree. Throws `SOURCE_MISSING` where patterns choose none. */
export async function chosenDatabases(access: ServerAccess, choice: DatabaseChoice): Promise<readonly string[]> {
  if (choice.kind === 'one') return [choice.name];
  const listed = await withClient(access, access.maintenanceDatabase, listDatabases);
  const names = listed.map(({ name }) => name);
  return matching(names, choice, `${access.host}:${access.port}`);
}
