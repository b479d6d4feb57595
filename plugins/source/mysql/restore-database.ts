/**
 * Restores databases beside the live ones and exchanges their tables in one statement, so that nothing is ever half done:
 *
 *     <name>_strongroom_<8 hex digits>   is filled; dropped in the end, however it ends
 *     <name>_before_<8 hex digits>       gets what is replaced, with a journal of it; dropped unless it is to be kept
 *
 * Views, routines, triggers and events can't be exchanged: they were tried beside, and are made right after. If that fails all goes back;
 * if the process ends in the middle, the next attempt finds in the journal how far it came.
 */
import type { Connection } from 'mysql2/promise';
import type { RestoreContext, RestoreEntry, RestoreRequest, TableInfo } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { dropPrograms, makePrograms } from './apply-programs.ts';
import { databaseExists } from './chosen-databases.ts';
import { rowsOf, type ServerAccess, withConnection } from './connection.ts';
import { exchangeTables, turnForeignKeys } from './exchange.ts';
import { type DatabaseFacts, type Program, type TableFacts } from './facts.ts';
import { type FoundTable, findTables } from './found-tables.ts';
import { type HeldDatabase } from './held-databases.ts';
import { type Journal, readJournal, writeJournal } from './journal.ts';
import { outsidersOf, proveOutsiders } from './outsiders.ts';
import { goBack } from './previous.ts';
import { programNames, readPrograms } from './programs.ts';
import { quoted } from './quoting.ts';
import { type RestoreNames } from './restore-names.ts';
import { withWriter } from './restore-session.ts';
import { turnSequenceDefaults } from './sequence-defaults.ts';
import { readServerVersion } from './server.ts';
import { stageTables, type Staging, tryPrograms } from './stage.ts';

export interface DatabaseRestore {
  readonly access: ServerAccess;
  readonly request: RestoreRequest;
  /** The name at the target of a database that was backed up. Throws `RESTORE_TARGET_UNSUITABLE`. */
  readonly nameFor: (backedUp: string) => string;
  /** What the backup calls a table of a database. */
  readonly labelOf: (database: string, table: string) => string;
  readonly context: RestoreContext;
}

/** One database on its way back. */
export interface Plan {
  readonly held: HeldDatabase<RestoreEntry>;
  readonly facts: DatabaseFacts;
  /** What is restored. */
  readonly tables: readonly TableFacts[];
  /** Whether it is the database as a whole. */
  readonly whole: boolean;
  readonly names: RestoreNames;
}

/** Throws what the server says; nothing of it is then done. */
export async function restoreDatabase(
  plan: Plan,
  { access, request, labelOf, context }: DatabaseRestore,
): Promise<void> {
  const { held, facts, names, whole } = plan;
  const { signal } = context;
  const expected = new Map((request.tables ?? []).map((table) => [table.name, table]));
  const before = await withWriter(access, signal, async (connection) => {
    const earlier = await readJournal(connection, names);
    if (earlier !== undefined && earlier.progress !== 'done') await goBack(access, names, signal);
    return { done: earlier?.progress === 'done', ...(await stateOf(connection, names.live)) };
  });
  const tables = request.policy === 'SKIP' ? absentOf(plan, before.tables) : plan.tables;
  const programs = whole ? facts.programs : triggersOf(facts, tables);
  const staging: Staging = {
    access,
    held,
    facts: { ...facts, programs: [...programs] },
    tables,
    live: names.live,
    beside: names.beside,
    expected,
    labelOf: (table) => labelOf(held.name, table),
    context,
  };
  if (!before.done) {
    if (tables.length === 0 && !(whole && before.tables.length === 0)) return;
    if (whole && facts.scope !== 'whole' && request.policy === 'OVERWRITE')
      refuseLoss(names.live, facts, before.tables);
    await orGoBack(access, names, async () => {
      await stageTables(staging);
      await tryPrograms(staging);
      await exchange(plan, staging);
    });
  }
  await orGoBack(access, names, () =>
    withWriter(access, signal, (connection) => finish(connection, plan, { tables, programs })),
  );
  const existed = await withConnection(access, signal, async (connection) => {
    const { existed: there = false } = (await readJournal(connection, names))?.journal ?? {};
    await connection.query(`DROP DATABASE IF EXISTS ${quoted(names.beside)}`);
    if (!context.keepPrevious || !there) await connection.query(`DROP DATABASE IF EXISTS ${quoted(names.before)}`);
    return there;
  });
  reportFiles(held, before.done ? expected : undefined, context);
  if (context.keepPrevious && existed) context.kept();
}

/** What fails is undone, also if it was cancelled. If that fails as well it is told instead: the next attempt goes on from there. */
async function orGoBack(access: ServerAccess, names: RestoreNames, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    await goBack(access, names, new AbortController().signal);
    throw error;
  }
}

export interface LiveState {
  readonly exists: boolean;
  readonly tables: readonly FoundTable[];
}

/** What is there now. */
export async function stateOf(connection: Connection, live: string): Promise<LiveState> {
  const exists = await databaseExists(connection, live);
  return { exists, tables: exists ? await findTables(connection, await readServerVersion(connection), live) : [] };
}

/** With `SKIP` a database stays as it is; of chosen tables those that are there. */
function absentOf({ tables, whole }: Plan, present: readonly FoundTable[]): readonly TableFacts[] {
  const there = new Set(present.map(({ name }) => name));
  if (whole && there.size > 0) return [];
  return tables.filter(({ name }) => !there.has(name));
}

const triggersOf = ({ programs }: DatabaseFacts, tables: readonly TableFacts[]): readonly Program[] =>
  programs.filter(({ kind, table }) => kind === 'trigger' && tables.some(({ name }) => name === table));

/** Writes down what is replaced, and replaces it. */
async function exchange({ names, whole, facts }: Plan, staging: Staging): Promise<void> {
  const { access, tables, context } = staging;
  const { signal } = context;
  const coming = tables.filter(({ kind }) => kind !== 'view').map(({ name }) => name);
  context.step('taking the place of what was there');
  const journal = await withWriter(access, signal, async (connection): Promise<Journal> => {
    // Much may have changed since the restore began.
    const { exists, tables: now } = await stateOf(connection, names.live);
    const present = now.filter(({ kind }) => kind !== 'view').map(({ name }) => name);
    const leaving = whole ? present : present.filter((name) => coming.includes(name));
    if (!exists) {
      const { characterSet, collation } = facts;
      await connection.query(
        `CREATE DATABASE ${quoted(names.live)} CHARACTER SET ${characterSet} COLLATE ${collation}`,
      );
    }
    await connection.query(`USE ${quoted(names.live)}`);
    const programs = await readPrograms(
      connection,
      names.live,
      ({ kind, table, name }) =>
        whole || (kind === 'trigger' ? leaving.includes(table ?? '') : kind === 'view' && coming.includes(name)),
    );
    const outsiders = await outsidersOf(connection, names.live, leaving);
    await proveOutsiders(connection, names, outsiders, coming);
    const written: Journal = {
      live: names.live,
      existed: exists,
      whole,
      replaced: leaving,
      added: coming,
      programs: [...programs],
      outsiders: [...outsiders],
      collation: await collationOf(connection, names.live),
    };
    await writeJournal(connection, names, written);
    // A view may have the name of a table that comes.
    const inTheWay = programs.filter(({ kind, name }) => kind === 'view' && coming.includes(name));
    await dropPrograms(connection, names.live, inTheWay);
    return written;
  });
  await exchangeTables({
    access,
    live: names.live,
    leaving: journal.replaced,
    to: names.before,
    coming,
    from: names.beside,
    marker: { database: names.before, from: names.begun, to: names.done },
    triggers: journal.programs.filter(({ kind }) => kind === 'trigger'),
    // Nobody can see half of a database that was not there.
    atOnce: journal.existed,
    signal,
  });
}

const collationOf = async (connection: Connection, database: string): Promise<string> => {
  const [row] = await rowsOf<{ collation: string }>(
    connection,
    'SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [database],
  );
  return row?.collation ?? '';
};

/** What comes after the exchange; may be done again. */
async function finish(
  connection: Connection,
  { names, whole, facts }: Plan,
  { tables, programs }: { readonly tables: readonly TableFacts[]; readonly programs: readonly Program[] },
): Promise<void> {
  const { live } = names;
  const earlier = await readJournal(connection, names);
  await turnForeignKeys(connection, earlier?.journal.outsiders ?? []);
  await turnSequenceDefaults(connection, live, tables);
  if (whole) {
    const { characterSet, collation } = facts;
    await connection.query(`ALTER DATABASE ${quoted(live)} CHARACTER SET ${characterSet} COLLATE ${collation}`);
    await dropPrograms(connection, live, await programNames(connection, live));
  } else await dropPrograms(connection, live, programs);
  await makePrograms(connection, live, programs);
}

/** A backup without some tables must not take the place of a database that has them. */
function refuseLoss(live: string, facts: DatabaseFacts, present: readonly FoundTable[]): void {
  const held = new Set(facts.tables.map(({ name }) => name));
  const lost = present.find(({ name, kind }) => kind === 'table' && !held.has(name));
  if (lost === undefined) return;
  const reason = `the backup was made without table ${lost.name}, which database ${live} would lose; restore it into another database`;
  throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
}

/** Files besides rows; and, where an earlier attempt has put the rows in place, those. */
function reportFiles(
  { facts, script, rows }: HeldDatabase<RestoreEntry>,
  inPlace: ReadonlyMap<string, TableInfo> | undefined,
  context: RestoreContext,
): void {
  const loaded = inPlace === undefined ? [] : [...rows.values()].flat();
  for (const { path, size } of [facts, ...(script === undefined ? [] : [script]), ...loaded]) {
    context.done({ path, kind: 'file', bytes: size });
  }
  for (const table of inPlace?.values() ?? []) context.table(table);
}
