/** What of the chosen databases a backup takes. */
import type { Connection } from 'mysql2/promise';
import type { ReadSelection } from '../../../src/contracts/index.ts';
import type { DatabaseFacts } from './facts.ts';
import { findTables, type FoundTable, hasOwnRows } from './found-tables.ts';
import { matched } from './name-pattern.ts';
import type { ServerVersion } from './server.ts';

export interface ChosenTables {
  readonly databases: readonly { readonly database: string; readonly tables: readonly FoundTable[] }[];
  /** Tables whose rows are wanted. */
  readonly withRows: ReadonlySet<FoundTable>;
  readonly scope: DatabaseFacts['scope'];
}

/** Throws `INPUT_INVALID` for a pattern that is none, or that matches nothing in any of the databases. */
export async function chooseTables(
  connection: Connection,
  server: ServerVersion,
  databases: readonly string[],
  { includeTables = [], excludeTables = [], excludeTableData = [] }: ReadSelection,
): Promise<ChosenTables> {
  const found: FoundTable[] = [];
  for (const database of databases) found.push(...(await findTables(connection, server, database)));
  const databaseOf = ({ database }: FoundTable): string => database;
  const included = matched(includeTables, 'includeTables', found, databaseOf);
  const excluded = matched(excludeTables, 'excludeTables', found, databaseOf);
  const emptied = matched(excludeTableData, 'excludeTableData', found, databaseOf);
  const chosen = found.filter((table) => (includeTables.length === 0 || included.has(table)) && !excluded.has(table));
  return {
    databases: databases.map((database) => ({
      database,
      tables: chosen.filter((table) => table.database === database),
    })),
    withRows: new Set(chosen.filter((table) => hasOwnRows(table) && !emptied.has(table))),
    scope: includeTables.length > 0 ? 'chosenTables' : excludeTables.length > 0 ? 'withoutSome' : 'whole',
  };
}
