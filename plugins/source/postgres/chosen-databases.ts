/** Which databases of a server a source is about. */
import type pg from 'pg';
import { StrongroomError } from '../../../src/errors.ts';
import { type ServerAccess, withClient } from './connection.ts';

/** One by its name, or all that patterns choose, those made later among them. */
export type DatabaseChoice =
  | { readonly kind: 'one'; readonly name: string }
  | { readonly kind: 'matching'; readonly include: readonly string[]; readonly exclude: readonly string[] };

/** A database as the server lists it. */
export interface ListedDatabase {
  readonly name: string;
  /** Absent where the user may not connect. */
  readonly bytes?: number;
}

/** `*` is anything, `?` one character; all else is itself. */
const patternOf = (text: string): RegExp =>
  new RegExp(
    `^${text
      .replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'su',
  );

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
  const include = choice.include.map(patternOf);
  const exclude = choice.exclude.map(patternOf);
  const chosen = listed
    .map(({ name }) => name)
    .filter((name) => include.some((pattern) => pattern.test(name)) && !exclude.some((pattern) => pattern.test(name)));
  if (chosen.length > 0) return chosen;
  const subject = `any database on ${access.host}:${access.port} that matches ${choice.include.join(', ')}`;
  throw new StrongroomError('SOURCE_MISSING', { subject });
}
