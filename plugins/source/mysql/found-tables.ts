/** The tables, views and sequences of a database, as its catalogue tells them. */
import type { Connection } from 'mysql2/promise';
import { rowsOf } from './connection.ts';
import type { ColumnFacts, TableFacts } from './facts.ts';
import { asksSequence } from './sequence-defaults.ts';
import { isMariaDb, type ServerVersion } from './server.ts';

export interface FoundTable {
  readonly database: string;
  readonly name: string;
  readonly kind: TableFacts['kind'];
  /** Null for views. */
  readonly engine: string | null;
  /** Whether its engine has transactions, and so a view of one moment. */
  readonly transactional: boolean;
  readonly columns: readonly ColumnFacts[];
  readonly period: TableFacts['period'];
  /** Whether it has a history that this server can't put back. */
  readonly losesHistory: boolean;
  readonly sequenceDefaults: TableFacts['sequenceDefaults'];
  /** Columns of the primary key, in order. */
  readonly primaryKey: readonly string[];
  /** The server's estimates, indexes left out. */
  readonly rows: number | undefined;
  readonly bytes: number;
  readonly indexBytes: number;
}

/** Their rows are those of other tables, or of other servers. */
const WITHOUT_ROWS: ReadonlySet<string> = new Set(
  ['MRG_MyISAM', 'FEDERATED', 'CONNECT', 'OQGRAPH', 'SPIDER', 'SPHINX', 'BLACKHOLE'].map((name) => name.toLowerCase()),
);
/** Since this version history can be written. */
const HISTORY_SINCE = 101_100;

/** Whether it has rows that are its own. */
export const hasOwnRows = ({ kind, engine }: Pick<FoundTable, 'kind' | 'engine'>): boolean =>
  kind === 'table' && engine !== null && !WITHOUT_ROWS.has(engine.toLowerCase());

interface TableRow {
  readonly name: string;
  readonly type: string;
  readonly engine: string | null;
  readonly found: string | number | null;
  readonly bytes: string | number | null;
  readonly indexBytes: string | number | null;
  readonly transactions: string | null;
}

const TABLES = `
  SELECT t.TABLE_NAME AS name, t.TABLE_TYPE AS type, t.ENGINE AS engine, t.TABLE_ROWS AS found, t.DATA_LENGTH AS bytes,
         t.INDEX_LENGTH AS indexBytes, e.TRANSACTIONS AS transactions
    FROM information_schema.TABLES t LEFT JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE
   WHERE t.TABLE_SCHEMA = ? AND t.TABLE_TYPE IN ('BASE TABLE', 'VIEW', 'SEQUENCE', 'SYSTEM VERSIONED')`;

interface ColumnRow {
  readonly table: string;
  readonly name: string;
  readonly type: string;
  readonly nullable: string;
  readonly expression: string | null;
  readonly default: string | null;
  readonly extra: string;
}

const COLUMNS = `
  SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS name, COLUMN_TYPE AS type, IS_NULLABLE AS nullable,
         GENERATION_EXPRESSION AS expression, COLUMN_DEFAULT AS \`default\`, EXTRA AS extra
    FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = ? ORDER BY TABLE_NAME, ORDINAL_POSITION`;

const PRIMARY_KEYS = `
  SELECT TABLE_NAME AS \`table\`, COLUMN_NAME AS \`column\` FROM information_schema.STATISTICS
   WHERE TABLE_SCHEMA = ? AND INDEX_NAME = 'PRIMARY' ORDER BY TABLE_NAME, SEQ_IN_INDEX`;

/** In the order of their names' bytes. */
export async function findTables(
  connection: Connection,
  server: ServerVersion,
  database: string,
): Promise<readonly FoundTable[]> {
  const tables = await rowsOf<TableRow>(connection, TABLES, [database]);
  const columns = Map.groupBy(await rowsOf<ColumnRow>(connection, COLUMNS, [database]), ({ table }) => table);
  const keys = Map.groupBy(
    await rowsOf<{ table: string; column: string }>(connection, PRIMARY_KEYS, [database]),
    ({ table }) => table,
  );
  return tables
    .map((row): FoundTable => {
      const own = columns.get(row.name) ?? [];
      const period = row.type === 'SYSTEM VERSIONED' ? periodOf(own) : undefined;
      const writable = isMariaDb(server, HISTORY_SINCE) && period !== 'of transactions';
      return {
        database,
        name: row.name,
        kind: row.type === 'VIEW' ? 'view' : row.type === 'SEQUENCE' ? 'sequence' : 'table',
        engine: row.engine,
        transactional: row.transactions === 'YES',
        columns: own.map(columnOf),
        period: period !== undefined && period !== 'of transactions' && writable ? period : null,
        losesHistory: period !== undefined && !writable,
        sequenceDefaults: own.flatMap(({ name, default: expression }) =>
          expression !== null && asksSequence(expression) ? [{ column: name, expression }] : [],
        ),
        primaryKey: (keys.get(row.name) ?? []).map(({ column }) => column),
        rows: row.found === null ? undefined : Number(row.found),
        bytes: Number(row.bytes ?? 0),
        indexBytes: Number(row.indexBytes ?? 0),
      };
    })
    .toSorted((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
}

const columnOf = ({ name, type, nullable, extra }: ColumnRow): ColumnFacts => ({
  name,
  type,
  notNull: nullable === 'NO',
  // `DEFAULT_GENERATED` says something else: that a default is an expression.
  generated: /\b(VIRTUAL|STORED|PERSISTENT) GENERATED\b/i.test(extra),
});

/** Columns of a history are named by the user, or have names of their own that no catalogue shows. */
function periodOf(columns: readonly ColumnRow[]): { start: string; end: string } | 'of transactions' {
  const start = columns.find(({ expression }) => expression === 'ROW START');
  const end = columns.find(({ expression }) => expression === 'ROW END');
  if (start === undefined || end === undefined) return { start: 'row_start', end: 'row_end' };
  return start.type.startsWith('timestamp') ? { start: start.name, end: end.name } : 'of transactions';
}
