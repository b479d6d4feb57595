/** Tables that a restore replaced and kept: brought back, or let go of. */
import type pg from 'pg';
import { type ServerAccess, withClient } from './connection.ts';
import { quoted } from './quoting.ts';
import { asidePrefix, stagingSchema } from './restore-names.ts';
import { swapTables, type TableSwap } from './swap-tables.ts';

interface KeptSchema {
  /** Where the old tables wait. */
  readonly aside: string;
  /** Where they were. */
  readonly live: string;
  readonly tables: readonly string[];
}

async function keptSchemas(client: pg.Client, restoreId: string): Promise<readonly KeptSchema[]> {
  const { rows } = await client.query<{ aside: string; live: string; tables: string[] }>(
    `SELECT n.nspname::text AS aside, obj_description(n.oid, 'pg_namespace') AS live,
            array(SELECT c.relname::text FROM pg_catalog.pg_class c WHERE c.relnamespace = n.oid AND c.relkind = 'r' ORDER BY 1) AS tables
       FROM pg_catalog.pg_namespace n
      WHERE starts_with(n.nspname, $1) AND obj_description(n.oid, 'pg_namespace') IS NOT NULL ORDER BY 1`,
    [asidePrefix(restoreId)],
  );
  return rows;
}

/** Exchanges the tables of one database back and drops the restored ones; answers how many there were. */
export async function revertTables(access: ServerAccess, database: string, restoreId: string): Promise<number> {
  return withClient(access, database, async (client) => {
    const kept = await keptSchemas(client, restoreId);
    const swaps = kept.flatMap(({ aside, live, tables }, number): readonly TableSwap[] =>
      tables.map((name) => ({ name, live, beside: aside, aside: stagingSchema(restoreId, number) })),
    );
    if (swaps.length === 0) return 0;
    const schemas = [...new Set(swaps.map((swap) => swap.aside))];
    const before = schemas.map((schema) => `CREATE SCHEMA ${quoted(schema)}`);
    const gone = [...schemas, ...kept.map(({ aside }) => aside)].map((schema) => `DROP SCHEMA ${quoted(schema)}`);
    await swapTables(client, swaps, { access, keep: false, before, after: gone });
    return swaps.length;
  });
}

/** Drops the old tables of one database; fine where there are none. */
export async function discardTables(access: ServerAccess, database: string, restoreId: string): Promise<void> {
  await withClient(access, database, async (client) => {
    for (const { aside } of await keptSchemas(client, restoreId)) {
      await client.query(`DROP SCHEMA ${quoted(aside)} CASCADE`);
    }
  });
}
