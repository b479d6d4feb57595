/** Reads databases of one server: their descriptions and rows, in one consistent view. */
import type { ReadContext, ReadSelection, SourceYield, Warning } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { directoryEntry, fileEntry } from '../database/entries.ts';
import { counted, rowFiles } from '../database/row-files.ts';
import { segmentOf } from '../database/segments.ts';
import { TableProgress } from '../database/table-progress.ts';
import { chooseTables, type ChosenTables } from './choose-tables.ts';
import { serverError, type ServerAccess, withConnection } from './connection.ts';
import { describeDatabase } from './description.ts';
import { type DatabaseFacts, writeFacts } from './facts.ts';
import type { FoundTable } from './found-tables.ts';
import { databasesFolder, factsFile, scriptFile, tablesFolder } from './layout.ts';
import { namingHolders } from './locks.ts';
import { isCuttable, partsOf, spanQuery, type TablePart } from './parts.ts';
import { ReadingSession } from './reading-session.ts';
import { scriptOf } from './script.ts';
import { readServerVersion } from './server.ts';
import { unreadableOf } from './unreadable.ts';

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
  const labelOf = ({ database, name }: FoundTable): string => options.labelOf(database, name);
  const all = read.flatMap(({ parts }) => parts);
  const progress = new TableProgress(all, 2 * read.length, labelOf, context);
  for (const { facts, parts } of read) {
    const root = `${databasesFolder}/${segmentOf(facts.database)}`;
    yield directoryEntry(root);
    yield fileEntry(`${root}/${factsFile}`, [writeFacts(facts)]);
    yield fileEntry(`${root}/${scriptFile}`, [scriptOf(facts)]);
    const definitions = new Map(facts.tables.map(({ name, create }) => [name, create]));
    const files = parts.map((part) => ({
      names: [part.table.name],
      part: part.part,
      bytes: part.bytes,
      stream: (reading: AbortSignal) =>
        counted(session.read(part, definitions.get(part.table.name) ?? '', reading), (result) =>
          progress.finish(part, result),
        ),
    }));
    yield* rowFiles(`${root}/${tablesFolder}`, files);
  }
}

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
      const wanted = { database, tables: tables.filter((table) => chosen.withRows.has(table)) };
      const { warnings, ...denied } = await unreadableOf(leader, access, server, wanted, options.allowPartial);
      const readable = tables.filter((table) => !denied.tables.has(table));
      const scope = warnings.length > 0 && chosen.scope === 'whole' ? 'withoutSome' : chosen.scope;
      for (const warning of [...warnings, ...lossesOf(readable, chosen, options)]) context.warn(warning);
      const facts = await describeDatabase(leader, server, { database, tables: readable, scope });
      const parts: TablePart[] = [];
      for (const table of readable) if (chosen.withRows.has(table)) parts.push(...(await cut(session, table)));
      const counts = new Map(parts.map(({ table, part }) => [table.name, part + 1]));
      const described = facts.tables.map((table) => ({ ...table, parts: counts.get(table.name) ?? 0 }));
      read.push({ facts: { ...facts, tables: described }, parts });
    }
    return read;
  } catch (error) {
    const said = await namingHolders(access, 'table that was to be read', session.connections, error, context.signal);
    throw serverError(access, said, context.signal);
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
