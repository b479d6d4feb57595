/** Reads databases of one server: their descriptions and rows, in one consistent view. */
import { createHash } from 'node:crypto';
import type { ReadContext, ReadSelection, SourceEntry, SourceYield, Warning } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { directoryEntry, fileEntry } from '../database/entries.ts';
import { partName, segmentOf } from '../database/segments.ts';
import { TableProgress } from '../database/table-progress.ts';
import { chooseTables, type ChosenTables } from './choose-tables.ts';
import { serverError, type ServerAccess, withConnection } from './connection.ts';
import { describeDatabase } from './description.ts';
import { type DatabaseFacts, writeFacts } from './facts.ts';
import type { FoundTable } from './found-tables.ts';
import { databasesFolder, factsFile, scriptFile, tablesFolder } from './layout.ts';
import { isCuttable, partsOf, spanQuery, type TablePart } from './parts.ts';
import { ReadingSession } from './reading-session.ts';
import { scriptOf } from './script.ts';
import { readServerVersion } from './server.ts';
import { deniedTables, unreadableOf } from './unreadable.ts';

/** Entries that come together: more would only take memory. */
const ENTRIES_AT_ONCE = 20_000;

export interface ReadOptions {
  readonly selection: ReadSelection;
  /** Whether what can't be read is left out with a warning. */
  readonly allowPartial: boolean;
  /** Whether tables without transactions are kept from being written while they are read. */
  readonly lockNonTransactional: boolean;
  /** What a table is called. */
  readonly labelOf: (database: string, table: string) => string;
}

interface ReadDatabase {
  readonly facts: DatabaseFacts;
  readonly parts: readonly TablePart[];
}

/** Entries below `databases/`. */
export async function* readDatabases(
  access: ServerAccess,
  databases: readonly string[],
  options: ReadOptions,
  context: ReadContext,
): AsyncGenerator<SourceYield> {
  const { signal } = context;
  const frozen = options.lockNonTransactional ? await withoutTransactions(access, databases, options, signal) : [];
  await using session = await ReadingSession.open(access, frozen, signal);
  const read = await describeAll(access, session, databases, options, context);
  const parts = read.flatMap((one) => one.parts);
  const labelled = new Map<FoundTable, CountedTable>();
  const counted = parts.map((part): CountedPart => {
    const { database, name } = part.table;
    const table = labelled.get(part.table) ?? { found: part.table, label: options.labelOf(database, name) };
    labelled.set(part.table, table);
    return { ...part, table };
  });
  const progress = new TableProgress(counted, 2 * read.length, context);
  for (const { facts } of read) {
    const root = `${databasesFolder}/${segmentOf(facts.database)}`;
    yield directoryEntry(root);
    yield fileEntry(`${root}/${factsFile}`, [writeFacts(facts)]);
    yield fileEntry(`${root}/${scriptFile}`, [scriptOf(facts)]);
    const definitions = new Map(facts.tables.map(({ name, create }) => [name, create]));
    const own = counted.filter(({ table }) => table.found.database === facts.database);
    yield* rowFiles(`${root}/${tablesFolder}`, own, (part) => {
      const definition = definitions.get(part.table.found.name) ?? '';
      return (reading) => rowsOf(session, part, definition, progress, reading);
    });
  }
}

interface CountedTable {
  readonly found: FoundTable;
  readonly label: string;
}

type CountedPart = Omit<TablePart, 'table'> & { readonly table: CountedTable };

/** Tables whose rows are wanted and whose engine has no transactions. */
const withoutTransactions = (
  access: ServerAccess,
  databases: readonly string[],
  { selection }: ReadOptions,
  signal: AbortSignal,
): Promise<readonly FoundTable[]> =>
  withConnection(access, signal, async (connection) => {
    const server = await readServerVersion(connection);
    const { withRows } = await chooseTables(connection, server, databases, selection);
    return [...withRows].filter(({ transactional }) => !transactional);
  });

async function describeAll(
  access: ServerAccess,
  session: ReadingSession,
  databases: readonly string[],
  options: ReadOptions,
  context: ReadContext,
): Promise<readonly ReadDatabase[]> {
  const { leader, server } = session;
  try {
    const chosen = await chooseTables(leader, server, databases, options.selection);
    const read: ReadDatabase[] = [];
    for (const { database, tables } of chosen.databases) {
      const denied = await deniedTables(
        leader,
        tables.filter((table) => chosen.withRows.has(table)),
      );
      const warnings = await unreadableOf(leader, access, server, database, [...denied], options.allowPartial);
      const readable = tables.filter((table) => !denied.has(table));
      const scope = warnings.length > 0 && chosen.scope === 'whole' ? 'withoutSome' : chosen.scope;
      for (const warning of [...warnings, ...lossesOf(readable, chosen, options)]) context.warn(warning);
      const facts = await describeDatabase(leader, server, { database, tables: readable, scope });
      const parts: TablePart[] = [];
      for (const table of readable) if (chosen.withRows.has(table)) parts.push(...(await cut(session, table)));
      const counts = new Map(parts.map(({ table, part }) => [table.name, part + 1]));
      const counted = facts.tables.map((table) => ({ ...table, parts: counts.get(table.name) ?? 0 }));
      read.push({ facts: { ...facts, tables: counted }, parts });
    }
    return read;
  } catch (error) {
    throw serverError(access, error, context.signal);
  }
}

/** What is backed up, and not quite as one would think. */
function lossesOf(tables: readonly FoundTable[], { withRows }: ChosenTables, options: ReadOptions): readonly Warning[] {
  const warnings: Warning[] = [];
  for (const table of tables) {
    if (!withRows.has(table)) continue;
    const subject = `table ${options.labelOf(table.database, table.name)}`;
    const say = (reason: string): void => {
      const { message } = new StrongroomError('SOURCE_INCONSISTENT', { subject, reason });
      warnings.push({ code: 'SOURCE_INCONSISTENT', subject, message });
    };
    if (!table.transactional && !options.lockNonTransactional) {
      say(
        `its engine ${table.engine} has no transactions, so it may not fit the others; lockNonTransactional stops its writers`,
      );
    }
    if (table.losesHistory) say('its history is left out, since this server could not put it back');
  }
  return warnings;
}

async function cut(session: ReadingSession, table: FoundTable): Promise<readonly TablePart[]> {
  if (!isCuttable(table)) return partsOf(table, undefined);
  const [span] = await session.query<{ least: string | null; most: string | null }>(spanQuery(table));
  if (span === undefined || span.least === null || span.most === null) return partsOf(table, undefined);
  return partsOf(table, { least: BigInt(span.least), most: BigInt(span.most) });
}

type Rows = (signal: AbortSignal) => AsyncIterable<Uint8Array>;

/** The files of parts, which come in the order of their tables' names. */
function* rowFiles(
  root: string,
  parts: readonly CountedPart[],
  streamOf: (part: CountedPart) => Rows,
): Generator<SourceYield> {
  const segments = new Map(parts.map(({ table }) => [table, segmentOf(table.found.name)]));
  const bytesOf = ({ table }: CountedPart): Buffer => Buffer.from(segments.get(table) ?? '');
  const ordered = parts.toSorted((a, b) => Buffer.compare(bytesOf(a), bytesOf(b)) || a.part - b.part);
  let entries: SourceEntry[] = [directoryEntry(root)];
  let table: CountedTable | undefined;
  for (const part of ordered) {
    const folder = `${root}/${segments.get(part.table)}`;
    if (table !== part.table) entries.push(directoryEntry(folder));
    ({ table } = part);
    entries.push({
      kind: 'file',
      path: Buffer.from(`${folder}/${partName(part.part)}`),
      metadata: { mode: 0o600 },
      content: { stream: streamOf(part), size: part.bytes },
    });
    if (entries.length < ENTRIES_AT_ONCE) continue;
    yield entries;
    entries = [];
  }
  yield entries;
}

/** The rows of a part; counted and summed on their way. */
async function* rowsOf(
  session: ReadingSession,
  part: CountedPart,
  definition: string,
  progress: TableProgress<CountedTable>,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const hash = createHash('sha256');
  let bytes = 0;
  const pieces = session.read({ ...part, table: part.table.found }, definition, signal);
  for (;;) {
    const { done, value } = await pieces.next();
    if (done === true) {
      progress.finish(part, { rows: value, bytes, checksum: hash.digest('hex') });
      return;
    }
    hash.update(value);
    bytes += value.length;
    yield value;
  }
}
