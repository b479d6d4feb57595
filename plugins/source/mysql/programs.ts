/** What a database holds besides tables: views, routines, packages, triggers and events. The server itself writes their definitions. */
import type { Connection } from 'mysql2/promise';
import { rowsOf } from './connection.ts';
import { StrongroomError } from '../../../src/errors.ts';
import type { Program } from './facts.ts';
import { qualified } from './quoting.ts';

interface Named {
  readonly kind: Program['kind'];
  readonly name: string;
  readonly table: string | null;
}

const NAMES: readonly string[] = [
  `SELECT LOWER(ROUTINE_TYPE) AS kind, ROUTINE_NAME AS name, NULL AS \`table\` FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = ?`,
  `SELECT 'view' AS kind, TABLE_NAME AS name, NULL AS \`table\` FROM information_schema.VIEWS WHERE TABLE_SCHEMA = ?`,
  `SELECT 'trigger' AS kind, TRIGGER_NAME AS name, EVENT_OBJECT_TABLE AS \`table\` FROM information_schema.TRIGGERS
    WHERE TRIGGER_SCHEMA = ? ORDER BY EVENT_OBJECT_TABLE, ACTION_TIMING, EVENT_MANIPULATION, ACTION_ORDER`,
  `SELECT 'event' AS kind, EVENT_NAME AS name, NULL AS \`table\` FROM information_schema.EVENTS WHERE EVENT_SCHEMA = ?`,
];

/** Names of all programs of a database; triggers of one table in the order in which they run. */
export async function programNames(connection: Connection, database: string): Promise<readonly Named[]> {
  const names: Named[] = [];
  for (const statement of NAMES) names.push(...(await rowsOf<Named>(connection, statement, [database])));
  return names;
}

/** The first column that is there: the servers call them differently by kind. */
const DEFINITIONS = [
  'SQL Original Statement',
  'Create View',
  'Create Function',
  'Create Procedure',
  'Create Package',
  'Create Package Body',
  'Create Event',
];

/**
 * All programs of a database whose current one it must be, so that names inside are written without it. Throws `SOURCE_DENIED` for one whose
 * definition the user may not see.
 */
export async function readPrograms(
  connection: Connection,
  database: string,
  isWanted: (named: Named) => boolean,
): Promise<readonly Program[]> {
  const programs: Program[] = [];
  for (const named of (await programNames(connection, database)).filter(isWanted)) {
    const statement = `SHOW CREATE ${named.kind.toUpperCase()} ${qualified(database, named.name)}`;
    const [row] = await rowsOf<Readonly<Record<string, string | null>>>(connection, statement);
    const create = DEFINITIONS.map((column) => row?.[column]).find((text) => typeof text === 'string' && text !== '');
    if (row === undefined || typeof create !== 'string') {
      const subject = `${named.kind} ${named.name} of database ${database}`;
      throw new StrongroomError('SOURCE_DENIED', { subject, reason: 'its definition is shown to its owner only' });
    }
    programs.push({
      kind: named.kind,
      name: named.name,
      table: named.table,
      create,
      sqlMode: row['sql_mode'] ?? '',
      characterSet: row['character_set_client'] ?? 'utf8mb4',
      collation: row['collation_connection'] ?? 'utf8mb4_general_ci',
      databaseCollation: row['Database Collation'] ?? null,
      timeZone: row['time_zone'] ?? null,
    });
  }
  return programs;
}
