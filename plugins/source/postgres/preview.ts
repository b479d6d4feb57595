/** What a restore would do to databases and the tables in them now. */
import type pg from 'pg';
import type { PreviewItem, PreviewRequest, ReadableEntry, TableInfo } from '../../../src/contracts/index.ts';
import { chosenTables } from './chosen-tables.ts';
import { databaseItem, megabytes, type PresentTable, rowCounts, rowsNow, tableItem } from '../database/table-items.ts';
import { withClient } from './connection.ts';
import type { ServerAccess } from './connection.ts';
import { databaseExists } from './databases.ts';
import { type DatabaseFacts, readFacts, type TableFacts } from './facts.ts';
import { findTables, type FoundTable, qualified } from './found-tables.ts';
import { type HeldDatabase, heldDatabases, keyOf } from './held-database.ts';
import { serverMajor } from './tables.ts';

export interface DatabasePreview {
  readonly access: ServerAccess;
  readonly request: PreviewRequest;
  readonly nameFor: (backedUp: string) => string;
  readonly labelOf: (database: string, table: string) => string;
}

/** For each database: itself, what is to be known before, then its tables. */
export async function* previewDatabases(
  entries: AsyncIterable<ReadableEntry>,
  preview: DatabasePreview,
): AsyncGenerator<PreviewItem> {
  const { includeTables, target } = preview.request;
  for (const held of (await heldDatabases(entries)).databases) {
    if (includeTables !== undefined || target.kind === 'schema') yield* previewTables(held, preview);
    else yield* previewDatabase(held, preview);
  }
}

async function* previewDatabase(
  held: HeldDatabase<ReadableEntry>,
  { access, request, nameFor, labelOf }: DatabasePreview,
): AsyncGenerator<PreviewItem> {
  const name = nameFor(held.name);
  const facts = await readFacts(held.facts.read());
  const bytes = [...held.rows.values()].flat().reduce((sum, { size }) => sum + size, held.largeObjects?.size ?? 0);
  const counted = new Map((request.tables ?? []).map((table) => [table.name, table]));
  const infoOf = ({ label }: TableFacts): TableInfo | undefined => counted.get(labelOf(held.name, label));
  const server = await withClient(access, access.maintenanceDatabase, async (client) => ({
    exists: await databaseExists(client, name),
    notes: [...(await versionNotes(client, facts)), ...(await connectionNotes(client, name))],
  }));
  const now = server.exists
    ? await withClient(access, name, (client) => presentTables(client, facts, request.exactRows === true))
    : [];
  yield databaseItem(name, server.exists, now.length, bytes, request.policy);
  const space = `about ${megabytes(facts.bytes)} on the server, beside what is there now`;
  yield { action: 'NOTE', subject: `database ${name}`, bytes: 0, reason: `the restore takes ${space}` };
  yield* server.notes;
  const present = new Map(now.map((table) => [table.label, table]));
  for (const table of facts.tables) {
    const there = present.get(table.label);
    yield tableItem(table, there, infoOf(table), request.policy, now.length > 0);
    present.delete(table.label);
  }
  if (request.policy !== 'OVERWRITE') return;
  for (const table of present.values()) {
    const reason = `it is not in the backup; ${rowsNow(table)}`;
    yield { action: 'DROP', subject: `table ${table.label}`, bytes: 0, reason, ...rowCounts(undefined, table) };
  }
}

/** The tables chosen, against those that they would take the place of. */
async function* previewTables(
  held: HeldDatabase<ReadableEntry>,
  { access, request, nameFor, labelOf }: DatabasePreview,
): AsyncGenerator<PreviewItem> {
  const facts = await readFacts(held.facts.read());
  const chosen = chosenTables(facts, request.includeTables ?? ['*']);
  const counts = new Map((request.tables ?? []).map((table) => [table.name, table]));
  const now = await withClient(access, nameFor(held.name), (client) =>
    presentTables(client, facts, request.exactRows === true),
  );
  const schema = request.target.kind === 'schema' ? request.target.name : undefined;
  for (const table of chosen) {
    const info = counts.get(labelOf(held.name, table.label));
    const parts = held.rows.get(keyOf(table.schema, table.name)) ?? [];
    const bytes = parts.reduce((sum, { size }) => sum + size, 0);
    const there = now.find(({ name, schema: its }) => name === table.name && its === (schema ?? table.schema));
    const item = tableItem(table, there, info, request.policy, true);
    yield item.action === 'ADD' || item.action === 'CHANGE' ? { ...item, bytes } : item;
  }
}

/** What is in the database now; with rows counted, if that is asked for and allowed. */
async function presentTables(
  client: pg.Client,
  facts: DatabaseFacts,
  exactly: boolean,
): Promise<readonly (FoundTable & PresentTable)[]> {
  const tables = await findTables(client, {});
  const compared = new Set(facts.tables.map(({ label }) => label));
  const present: (FoundTable & PresentTable)[] = [];
  for (const table of tables) {
    const count = exactly && table.kind === 'table' && table.denied === undefined && compared.has(table.label);
    present.push(count ? { ...table, rows: await countRows(client, table), exact: true } : { ...table, exact: false });
  }
  return present;
}

async function countRows(client: pg.Client, table: FoundTable): Promise<number> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*) AS count FROM ONLY ${qualified(table)}`);
  return Number(rows[0]?.count);
}

/** What of server and extensions does not fit. */
async function versionNotes(client: pg.Client, facts: DatabaseFacts): Promise<readonly PreviewItem[]> {
  const major = await serverMajor(client);
  const notes: PreviewItem[] = [];
  if (major !== facts.server.major) {
    const verdict =
      major > facts.server.major
        ? 'a newer server reads what an older one wrote'
        : 'an older server may not know all that is in it';
    const reason = `the backup is of PostgreSQL ${facts.server.version}, the server is version ${major}: ${verdict}`;
    notes.push({ action: 'NOTE', subject: 'server', bytes: 0, reason });
  }
  const { rows } = await client.query<{ name: string; version: string }>(
    'SELECT name::text AS name, default_version AS version FROM pg_catalog.pg_available_extensions',
  );
  const available = new Map(rows.map(({ name, version }) => [name, version]));
  for (const { name, version } of facts.extensions) {
    const there = available.get(name);
    const subject = `extension ${name}`;
    if (there === undefined) {
      notes.push({ action: 'CONFLICT', subject, bytes: 0, reason: 'the server does not have it: install it first' });
    } else if (there !== version) {
      const reason = `it was version ${version}, and the server installs ${there}`;
      notes.push({ action: 'NOTE', subject, bytes: 0, reason });
    }
  }
  return notes;
}

/** Who is connected to a database, and would be disconnected. */
async function connectionNotes(client: pg.Client, database: string): Promise<readonly PreviewItem[]> {
  const { rows } = await client.query<{ who: string; count: number }>(
    `SELECT usename || CASE WHEN application_name = '' THEN '' ELSE ' (' || application_name || ')' END AS who, count(*)::int AS count
       FROM pg_catalog.pg_stat_activity WHERE datname = $1 AND pid <> pg_backend_pid() AND backend_type = 'client backend'
      GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT 10`,
    [database],
  );
  if (rows.length === 0) return [];
  const all = rows.map(({ who, count }) => `${who}${count === 1 ? '' : ` ×${count}`}`).join(', ');
  const reason = `connected now, and disconnected if it is replaced: ${all}`;
  return [{ action: 'NOTE', subject: `database ${database}`, bytes: 0, reason }];
}
