/** What is in a database at one moment, as a backup needs it. */
import type pg from 'pg';
import type { ReadSelection } from '../../../src/contracts/index.ts';
import type { ColumnFacts, TableFacts } from './facts.ts';
import { quoted } from './quoting.ts';
import { EMPTY_SEARCH_PATH } from './session-settings.ts';
import { matches } from './tables.ts';

export interface FoundTable {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  /** Schema and name as PostgreSQL writes them, in quotes where they need to be. */
  readonly label: string;
  readonly kind: TableFacts['kind'];
  readonly columns: readonly ColumnFacts[];
  /** Of its own rows, without those that are stored apart for their length. 0 until `measureTables` has looked. */
  readonly pages: number;
  /** Of all its rows, indexes left out. 0 until `measureTables` has looked. */
  readonly bytes: number;
  /** The server's estimate. */
  readonly rows: number | undefined;
  /** Whether its rows lie in pages that can be read by their numbers. */
  readonly heap: boolean;
  /** Why its rows can't be read, if that is so. */
  readonly denied: 'privilege' | 'row security' | undefined;
  readonly ofExtension: boolean;
  /** Whether it is a partition, or a parent or child by inheritance. */
  readonly inherits: boolean;
  /** Of the tables of an extension: which rows are the user's. */
  readonly condition: string | undefined;
  /** Whether its rows are wanted. */
  readonly withRows: boolean;
}

/** The name for statements, always in quotes. */
export const qualified = ({ schema, name }: { readonly schema: string; readonly name: string }): string =>
  `${quoted(schema)}.${quoted(name)}`;

interface Row {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly label: string;
  readonly kind: string;
  readonly rows: string | null;
  readonly heap: boolean;
  readonly readable: boolean;
  readonly secured: boolean;
  readonly of_extension: boolean;
  readonly inherits: boolean;
  readonly condition: string | null;
  readonly columns: readonly ColumnFacts[];
}

const KINDS: Readonly<Record<string, TableFacts['kind']>> = {
  r: 'table',
  p: 'partitioned table',
  f: 'foreign table',
  v: 'view',
  m: 'materialized view',
};

/** Extension tables whose rows a dump takes: an extension names them, each with a condition that may be empty. */
const EXTENSION_TABLES = `
  SELECT unnest(extconfig) AS oid, unnest(extcondition) AS condition FROM pg_catalog.pg_extension WHERE extconfig IS NOT NULL`;

const TABLES = `
  SELECT c.oid::int8::float8 AS oid, n.nspname::text AS schema, c.relname::text AS name, format('%I.%I', n.nspname, c.relname) AS label, c.relkind::text AS kind,
         CASE WHEN c.reltuples >= 0 THEN c.reltuples::int8 END AS rows,
         coalesce(a.amname = 'heap', false) AS heap,
         has_table_privilege(c.oid, 'SELECT') AS readable,
         row_security_active(c.oid) AS secured,
         e.oid IS NOT NULL AS of_extension, e.condition,
         EXISTS (SELECT FROM pg_catalog.pg_inherits i WHERE c.oid IN (i.inhrelid, i.inhparent)) AS inherits,
         coalesce((SELECT json_agg(json_build_object('name', t.attname, 'type', format_type(t.atttypid, t.atttypmod),
                                                     'notNull', t.attnotnull, 'generated', t.attgenerated <> '') ORDER BY t.attnum)
                     FROM pg_catalog.pg_attribute t WHERE t.attrelid = c.oid AND t.attnum > 0 AND NOT t.attisdropped), '[]') AS columns
    FROM pg_catalog.pg_class c
    JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
    LEFT JOIN pg_catalog.pg_am a ON a.oid = c.relam
    LEFT JOIN (${EXTENSION_TABLES}) e ON e.oid = c.oid
   WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     AND (e.oid IS NOT NULL OR NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                            WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
   ORDER BY n.nspname, c.relname`;

/**
 * All tables and views that a selection takes. Throws `INPUT_INVALID` for a pattern that is none, or that matches nothing. Patterns without
 * a schema mean what is found without one; afterwards the `search_path` is empty, so that types are written with their schemas.
 */
export async function findTables(client: pg.Client, selection: ReadSelection): Promise<readonly FoundTable[]> {
  await client.query('RESET search_path');
  const included = await matches(client, selection.includeTables ?? [], 'includeTables');
  const excluded = await matches(client, selection.excludeTables ?? [], 'excludeTables');
  const emptied = await matches(client, selection.excludeTableData ?? [], 'excludeTableData');
  const all = (selection.includeTables ?? []).length === 0;
  await client.query(EMPTY_SEARCH_PATH);
  const { rows } = await client.query<Row>(TABLES);
  return rows
    .filter(({ oid }) => (all || included.has(oid)) && !excluded.has(oid))
    .map((row) => found(row, row.kind === 'r' && !emptied.has(row.oid)));
}

function found(row: Row, withRows: boolean): FoundTable {
  const { oid, schema, name, label, heap, columns } = row;
  return {
    oid,
    schema,
    name,
    label,
    kind: KINDS[row.kind] ?? 'table',
    columns,
    pages: 0,
    bytes: 0,
    rows: row.rows === null ? undefined : Number(row.rows),
    heap,
    denied: !row.readable ? 'privilege' : row.secured ? 'row security' : undefined,
    ofExtension: row.of_extension,
    inherits: row.inherits,
    condition: row.condition === null || row.condition === '' ? undefined : row.condition,
    withRows,
  };
}

/** The tables with their sizes. To look waits for whoever keeps readers out: lock them before. */
export async function measureTables(
  client: pg.Client,
  tables: readonly FoundTable[],
  isLocked: (table: FoundTable) => boolean,
): Promise<readonly FoundTable[]> {
  const { rows } = await client.query<{ oid: number; pages: string; bytes: string }>(
    `SELECT oid::int8::float8 AS oid, pg_relation_size(oid) / current_setting('block_size')::int8 AS pages, pg_table_size(oid) AS bytes
       FROM unnest($1::oid[]) AS oid`,
    [tables.filter(isLocked).map(({ oid }) => oid)],
  );
  const sizes = new Map(rows.map(({ oid, pages, bytes }) => [oid, { pages: Number(pages), bytes: Number(bytes) }]));
  return tables.map((table) => ({ ...table, ...sizes.get(table.oid) }));
}
