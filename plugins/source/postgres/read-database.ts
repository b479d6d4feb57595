/** Reads one database: its facts, definitions, large objects and rows, in one consistent view. */
import { stat } from 'node:fs/promises';
import type { ReadContext, ReadSelection, SourceYield } from '../../../src/contracts/index.ts';
import { directoryEntry, fileEntry } from '../database/entries.ts';
import { counted, rowFiles } from '../database/row-files.ts';
import { segmentOf } from '../database/segments.ts';
import type { ServerAccess } from './connection.ts';
import { type DatabaseFacts, writeFacts } from './facts.ts';
import { databasesFolder, factsFile, largeObjectsFile, schemaFile, tablesFolder } from './layout.ts';
import { lockedError } from './locks.ts';
import { partsOf } from './parts.ts';
import { type Description, readDescription } from './description.ts';
import { ReadingSession } from './reading-session.ts';
import { TableProgress } from '../database/table-progress.ts';
import { type DumpOrder, dumpLargeObjects, dumpSchema, waitedForLock } from './schema-dump.ts';
import { findTool, type Tool } from './tools.ts';
import { excludedFor, unreadableSequences, unreadableTables } from './unreadable.ts';

/** Whoever waits for one of our locks gets his turn between two attempts. */
const ATTEMPTS = 3;

export interface ReadOptions {
  readonly selection: ReadSelection;
  /** Whether tables that can't be read are left out with a warning. */
  readonly allowPartial: boolean;
}

/** Entries below `databases/`, for one database. */
export async function* readDatabase(
  access: ServerAccess,
  { selection, allowPartial }: ReadOptions,
  context: ReadContext,
): AsyncGenerator<SourceYield> {
  await using opened = await openSession(access, selection, allowPartial, context);
  const { session, schemaPath, unreadable, order } = opened;
  const { deniedSequences: _, ...description } = opened.description;
  const tables = session.tables.filter((table) => !unreadable.has(table.oid));
  const parts = tables
    .filter(({ withRows }) => withRows)
    .flatMap((table) => partsOf(table, description.server.major, description.encoding));
  const largeObjects = await hasLargeObjects(session);
  const progress = new TableProgress(parts, largeObjects ? 3 : 2, ({ label }) => label, context);
  const partCounts = new Map<number, number>();
  for (const { table, part } of parts) partCounts.set(table.oid, part + 1);
  const facts: DatabaseFacts = {
    ...description,
    scope: scopeOf(selection, unreadable.size > 0),
    tables: tables.map(({ schema, name, label, kind, ofExtension, inherits, columns, oid }) => ({
      schema,
      name,
      label,
      kind,
      ofExtension,
      inherits,
      columns: [...columns],
      parts: partCounts.get(oid) ?? 0,
    })),
  };

  const root = `${databasesFolder}/${segmentOf(access.database)}`;
  yield directoryEntry(root);
  yield fileEntry(`${root}/${factsFile}`, [writeFacts(facts)]);
  if (largeObjects) {
    const path = Buffer.from(`${root}/${largeObjectsFile}`);
    const stream = (signal: AbortSignal): AsyncIterable<Uint8Array> => dumpLargeObjects({ ...order, signal });
    yield { kind: 'file', path, metadata: { mode: 0o600 }, content: { stream } };
  }
  yield {
    kind: 'file',
    path: Buffer.from(`${root}/${schemaFile}`),
    metadata: { mode: 0o600 },
    content: { file: Buffer.from(schemaPath), size: (await stat(schemaPath)).size },
  };
  const files = parts.map((part) => ({
    names: [part.table.schema, part.table.name],
    part: part.part,
    bytes: part.bytes,
    stream: (signal: AbortSignal) => counted(session.copy(part, signal), (result) => progress.finish(part, result)),
  }));
  yield* rowFiles(`${root}/${tablesFolder}`, files);
}

/** A session and the definitions that go with it. Begins anew where others wait for its locks in the middle of that. */
async function openSession(
  access: ServerAccess,
  selection: ReadSelection,
  allowPartial: boolean,
  { scratch, signal, warn }: ReadContext,
): Promise<OpenSession> {
  for (let attempt = 1; ; attempt++) {
    const session = await ReadingSession.open(access, selection, signal);
    try {
      const description = await readDescription(session);
      const tool = await findTool('pg_dump', description.server.major);
      const unreadable = unreadableTables(access, session.tables, allowPartial);
      const sequences = unreadableSequences(access, description.deniedSequences, allowPartial);
      const order = { tool, access, snapshot: session.snapshot, scratch, signal };
      const schemaPath = await dumpSchema(order, excludedFor(selection, unreadable, description.deniedSequences));
      for (const warning of [...unreadable.values(), ...sequences]) warn(warning);
      return {
        session,
        description,
        schemaPath,
        unreadable: new Set(unreadable.keys()),
        order,
        [Symbol.asyncDispose]: () => session[Symbol.asyncDispose](),
      };
    } catch (error) {
      const { tables } = session;
      const locked = waitedForLock(error) && attempt === ATTEMPTS ? await lockedError(access, tables, error) : error;
      await session[Symbol.asyncDispose]();
      if (!waitedForLock(error) || attempt === ATTEMPTS) throw locked;
    }
  }
}

interface OpenSession extends AsyncDisposable {
  readonly session: ReadingSession;
  readonly description: Description;
  readonly schemaPath: string;
  readonly unreadable: ReadonlySet<number>;
  readonly order: DumpOrder & { readonly tool: Tool };
}

function scopeOf(
  { includeTables = [], excludeTables = [] }: ReadSelection,
  someDenied: boolean,
): DatabaseFacts['scope'] {
  if (includeTables.length > 0) return 'chosenTables';
  return excludeTables.length > 0 || someDenied ? 'withoutSome' : 'whole';
}

async function hasLargeObjects(session: ReadingSession): Promise<boolean> {
  const found = await session.query('SELECT FROM pg_catalog.pg_largeobject_metadata LIMIT 1');
  return found.length > 0;
}
