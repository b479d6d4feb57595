/** Has the server learn what is in tables that were just filled, so that its first plans are good ones. */
import type { ServerAccess } from './connection.ts';
import { quoted } from './quoting.ts';
import { onServer } from './server-work.ts';

/** Partitioned tables come last, and take samples of all their parts. */
const TABLES = `
  SELECT n.nspname::text AS schema, c.relname::text AS name
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind IN ('r', 'm', 'p') AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
   ORDER BY c.relkind = 'p', pg_table_size(c.oid) DESC`;

/** Over as many connections as `access` allows. */
export async function analyzeTables(access: ServerAccess, database: string, signal: AbortSignal): Promise<void> {
  const tables = await onServer(access, database, signal, async (client) => {
    const { rows } = await client.query<{ schema: string; name: string }>(TABLES);
    return rows.values();
  });
  const worker = (): Promise<void> =>
    onServer(access, database, signal, async (client) => {
      for (const { schema, name } of tables) await client.query(`ANALYZE ${quoted(schema)}.${quoted(name)}`);
    });
  await Promise.all(Array.from({ length: access.connections }, worker));
}
