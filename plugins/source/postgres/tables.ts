/** The tables of a database, as its catalogue tells them. */
import type pg from 'pg';
import type { TableInfo } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { parsePattern } from './table-pattern.ts';

/** Most that is listed of one database. */
const MOST_TABLES = 10_000;

/** Tables and materialized views: what has rows of its own. */
const WITH_ROWS = ['r', 'm'];
/** What `pg_dump` counts as a table for its patterns: besides those sequences, views, foreign and partitioned tables. */
export const EVERY_KIND = ['r', 'S', 'v', 'm', 'f', 'p'];

interface TableRow {
  readonly oid: number;
  readonly name: string;
  readonly rows: string | null;
  readonly bytes: string | null;
}

/** Tables of the given kinds, outside of the system's schemas and of extensions, largest first. Rows are estimates. */
export async function listTables(
  client: pg.Client,
  kinds: readonly string[] = WITH_ROWS,
): Promise<readonly (TableInfo & { readonly oid: number })[]> {
  const { rows } = await client.query<TableRow>(
    `SELECT c.oid::int8::float8 AS oid, format('%I.%I', n.nspname, c.relname) AS name, 
            CASE WHEN c.reltuples >= 0 THEN c.reltuples ELSE nullif(pg_stat_get_live_tuples(c.oid), 0) END::int8 AS rows,
            CASE WHEN l.relation IS NULL THEN pg_total_relation_size(c.oid) END AS bytes
       FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
       LEFT JOIN (SELECT DISTINCT relation FROM pg_catalog.pg_locks
                   WHERE mode = 'AccessExclusiveLock'
                     AND database = (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database())) l ON l.relation = c.oid
      WHERE c.relkind = ANY($1::"char"[]) AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
        AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                         WHERE d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e')
      ORDER BY bytes DESC NULLS LAST, name LIMIT ${MOST_TABLES}`,
    [kinds],
  );
  return rows.map(({ oid, name, rows: count, bytes }) => ({
    oid,
    name,
    // Nobody has counted yet.
    ...(count === null ? {} : { rows: Number(count) }),
    // To look would wait for whoever keeps readers out.
    ...(bytes === null ? {} : { bytes: Number(bytes) }),
  }));
}

/** Oids of what patterns mean. Throws `INPUT_INVALID`, naming `field`, for a pattern that is none, or that matches nothing. */
export async function matches(
  client: pg.Client,
  patterns: readonly string[],
  field: string,
): Promise<ReadonlySet<number>> {
  const found = new Set<number>();
  for (const pattern of patterns) {
    const { schema, table } = parsePattern(pattern, field);
    const { rows } = await client
      .query<{ oid: number }>(
        `SELECT c.oid::int8::float8 AS oid FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
          WHERE c.relkind = ANY($1::"char"[]) AND c.relname ~ $2
            AND CASE WHEN $3::text IS NULL THEN pg_catalog.pg_table_is_visible(c.oid) ELSE n.nspname ~ $3 END`,
        [EVERY_KIND, table, schema],
      )
      .catch((error: unknown) => {
        const reason = error instanceof Error ? error.message : String(error);
        throw new StrongroomError('INPUT_INVALID', { field, reason: `"${pattern}": ${reason}.` }, { cause: error });
      });
    if (rows.length === 0)
      throw new StrongroomError('INPUT_INVALID', { field, reason: `"${pattern}" matches no table.` });
    for (const { oid } of rows) found.add(oid);
  }
  return found;
}

/** Version of the server, as its programs count it. */
export async function serverMajor(client: pg.Client): Promise<number> {
  const { rows } = await client.query<{ version: string }>(`SELECT current_setting('server_version_num') AS version`);
  return Math.floor(Number(rows[0]?.version) / 10_000);
}
