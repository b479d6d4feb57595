/** Describes a database: all that a backup says of it besides rows. */
import type { Connection } from 'mysql2/promise';
import { rowsOf } from './connection.ts';
import { definitionOf, withoutNextNumber } from './definition.ts';
import type { DatabaseFacts, TableFacts } from './facts.ts';
import { foreignKeysIn } from './foreign-keys.ts';
import type { FoundTable } from './found-tables.ts';
import { readPrograms } from './programs.ts';
import { qualified, quoted } from './quoting.ts';
import type { ServerVersion } from './server.ts';

/** What a selection takes of a database. */
export interface ChosenPart {
  readonly database: string;
  readonly tables: readonly FoundTable[];
  readonly scope: DatabaseFacts['scope'];
}

/**
 * Makes the database the connection's current one. Without files of rows: those are counted later.
 * @param chosen `chosenTables` takes of the programs those triggers alone that are on the tables
 */
export async function describeDatabase(
  connection: Connection,
  server: ServerVersion,
  { database, tables, scope }: ChosenPart,
): Promise<DatabaseFacts> {
  await connection.query(`USE ${quoted(database)}`);
  const [row] = await rowsOf<{ characterSet: string; collation: string }>(
    connection,
    `SELECT DEFAULT_CHARACTER_SET_NAME AS characterSet, DEFAULT_COLLATION_NAME AS collation
       FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?`,
    [database],
  );
  if (row === undefined) throw new RangeError('A database does not know itself.');
  const keys = Map.groupBy(await foreignKeysIn(connection, database), ({ table }) => table);
  const described: TableFacts[] = [];
  for (const table of tables) {
    described.push({
      name: table.name,
      kind: table.kind,
      columns: [...table.columns],
      period: table.period,
      create: await creationOf(connection, table),
      sequenceDefaults: table.sequenceDefaults,
      foreignKeys: (keys.get(table.name) ?? []).map(({ key }) => key),
      parts: 0,
      ...(await positionOf(connection, table)),
    });
  }
  const names = new Set(tables.map(({ name }) => name));
  const left = scope === 'chosenTables';
  const programs = await readPrograms(connection, database, ({ kind, name, table }) =>
    kind === 'trigger' ? names.has(table ?? '') : kind === 'view' ? names.has(name) : !left,
  );
  return {
    version: 1,
    server,
    database,
    characterSet: row.characterSet,
    collation: row.collation,
    bytes: tables.reduce((sum, { bytes, indexBytes }) => sum + bytes + indexBytes, 0),
    scope,
    tables: described,
    programs: [...programs],
  };
}

async function creationOf(connection: Connection, table: FoundTable): Promise<string> {
  if (table.kind === 'view') return '';
  const definition = await definitionOf(connection, table);
  // An archive takes no rows with numbers below its next one.
  return table.engine === 'ARCHIVE' ? withoutNextNumber(definition) : definition;
}

/** What a sequence has not yet handed out to anybody's cache. */
async function positionOf(
  connection: Connection,
  { database, name, kind }: FoundTable,
): Promise<Pick<TableFacts, 'next' | 'rounds'>> {
  if (kind !== 'sequence') return { next: null, rounds: null };
  const [row] = await rowsOf<{ next: string; rounds: string }>(
    connection,
    `SELECT CAST(next_not_cached_value AS CHAR) AS next, CAST(cycle_count AS CHAR) AS rounds FROM ${qualified(database, name)}`,
  );
  if (row === undefined) throw new RangeError('A sequence does not say where it is.');
  return row;
}
