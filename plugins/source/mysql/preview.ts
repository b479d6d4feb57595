/** What a restore would do to databases and the tables in them now. */
import type { Connection } from 'mysql2/promise';
import type { PreviewItem, PreviewRequest, ReadableEntry, TableInfo } from '../../../src/contracts/index.ts';
import { type PresentTable, databaseItem, megabytes, rowCounts, rowsNow, tableItem } from '../database/table-items.ts';
import { databaseExists } from './chosen-databases.ts';
import { chosenTables } from './chosen-tables.ts';
import { rowsOf, type ServerAccess, withConnection } from './connection.ts';
import { type DatabaseFacts, readFacts } from './facts.ts';
import { findTables, type FoundTable, hasOwnRows } from './found-tables.ts';
import { heldDatabases } from './held-databases.ts';
import { qualified } from './quoting.ts';
import { readServerVersion, type ServerVersion } from './server.ts';

export interface DatabasePreview {
  readonly access: ServerAccess;
  readonly request: PreviewRequest;
  readonly nameFor: (backedUp: string) => string;
  readonly labelOf: (database: string, table: string) => string;
  readonly signal: AbortSignal;
}

/** For each database: itself, what is to be known before, then its tables. */
export async function* previewDatabases(
  entries: AsyncIterable<ReadableEntry>,
  preview: DatabasePreview,
): AsyncGenerator<PreviewItem> {
  const { access, request, nameFor, labelOf, signal } = preview;
  const counted = new Map((request.tables ?? []).map((table) => [table.name, table]));
  for (const held of (await heldDatabases(entries)).databases) {
    const facts = await readFacts(held.facts.read());
    const { includeTables } = request;
    const tables = includeTables === undefined ? facts.tables : chosenTables(facts, includeTables);
    const live = nameFor(held.name);
    const now = await withConnection(access, signal, (connection) => stateOf(connection, live, request, facts));
    const infoOf = (name: string): TableInfo | undefined => counted.get(labelOf(held.name, name));
    const bytesOf = (name: string): number => (held.rows.get(name) ?? []).reduce((sum, { size }) => sum + size, 0);
    if (includeTables === undefined) {
      const bytes = [...held.rows.keys()].reduce((sum, name) => sum + bytesOf(name), 0);
      yield databaseItem(live, now.exists, now.tables.length, bytes, request.policy);
      const space = `about ${megabytes(facts.bytes)} on the server, beside what is there now`;
      yield note(`database ${live}`, `the restore takes ${space}`);
      yield* now.notes;
    }
    const present = new Map(now.tables.map((table) => [table.label, table]));
    const occupied = includeTables !== undefined || now.tables.length > 0;
    for (const table of tables) {
      const labelled = { ...table, label: table.name };
      const item = tableItem(labelled, present.get(table.name), infoOf(table.name), request.policy, occupied);
      const writes = item.action === 'ADD' || item.action === 'CHANGE';
      yield includeTables !== undefined && writes ? { ...item, bytes: bytesOf(table.name) } : item;
      present.delete(table.name);
    }
    if (includeTables !== undefined || request.policy !== 'OVERWRITE') continue;
    for (const table of present.values()) {
      const reason = `it is not in the backup; ${rowsNow(table)}`;
      yield {
        action: 'DROP',
        subject: `${table.kind} ${table.label}`,
        bytes: 0,
        reason,
        ...rowCounts(undefined, table),
      };
    }
  }
}

interface LiveState {
  readonly exists: boolean;
  readonly tables: readonly PresentTable[];
  readonly notes: readonly PreviewItem[];
}

async function stateOf(
  connection: Connection,
  live: string,
  { exactRows }: PreviewRequest,
  facts: DatabaseFacts,
): Promise<LiveState> {
  const server = await readServerVersion(connection);
  const exists = await databaseExists(connection, live);
  const found = exists ? await findTables(connection, server, live) : [];
  const compared = new Set(facts.tables.map(({ name }) => name));
  const tables: PresentTable[] = [];
  for (const table of found) {
    const exact = exactRows === true && hasOwnRows(table) && compared.has(table.name);
    const rows = exact ? await countRows(connection, table) : table.rows;
    tables.push({ label: table.name, kind: table.kind, columns: table.columns, rows, exact });
  }
  return { exists, tables, notes: [...versionNotes(server, facts), ...(await waitingNotes(connection, live))] };
}

async function countRows(connection: Connection, { database, name }: FoundTable): Promise<number> {
  const statement = `SELECT COUNT(*) AS count FROM ${qualified(database, name)}`;
  const [row] = await rowsOf<{ count: number | string }>(connection, statement);
  return Number(row?.count);
}

const note = (subject: string, reason: string): PreviewItem => ({ action: 'NOTE', subject, bytes: 0, reason });

function versionNotes(now: ServerVersion, { server: then }: DatabaseFacts): readonly PreviewItem[] {
  const backup = `the backup is of ${then.flavour} ${then.version}, the server is ${now.flavour} ${now.version}`;
  if (now.flavour !== then.flavour) {
    return [note('server', `${backup}: what only one of them has can't be restored into the other`)];
  }
  const series = ({ number }: ServerVersion): number => Math.floor(number / 100);
  if (series(now) === series(then)) return [];
  const newer = series(now) > series(then);
  const verdict = newer
    ? 'a newer server reads what an older one wrote'
    : 'an older server may not know all that is in it';
  return [note('server', `${backup}: ${verdict}`)];
}

/** Whose transactions an exchange of tables would wait for. Nobody is disconnected. */
async function waitingNotes(connection: Connection, database: string): Promise<readonly PreviewItem[]> {
  const rows = await rowsOf<{ who: string; count: number }>(
    connection,
    `SELECT USER AS who, COUNT(*) AS count FROM information_schema.PROCESSLIST
      WHERE DB = ? AND ID <> CONNECTION_ID() GROUP BY USER ORDER BY count DESC, who LIMIT 10`,
    [database],
  );
  if (rows.length === 0) return [];
  const all = rows.map(({ who, count }) => `${who}${count === 1 ? '' : ` ×${count}`}`).join(', ');
  return [note(`database ${database}`, `connected now, and made to wait while tables are exchanged: ${all}`)];
}
