/** What a restore is going to do to each database, found out before anything is changed. */
import type { Connection } from 'mysql2/promise';
import type { RestoreContext, RestoreEntry, RestoreRequest } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { databaseExists } from './chosen-databases.ts';
import { chosenTables } from './chosen-tables.ts';
import { type ServerAccess, withConnection } from './connection.ts';
import { type DatabaseFacts, type Program, readFacts, type TableFacts } from './facts.ts';
import { findTables, type FoundTable } from './found-tables.ts';
import { goBack } from './go-back.ts';
import type { HeldDatabase } from './held-databases.ts';
import { readJournal } from './journal.ts';
import { programNames } from './programs.ts';
import { namesFor, type RestoreNames } from './restore-names.ts';
import { readServerVersion } from './server.ts';

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
export interface RestorePlan {
  readonly held: HeldDatabase<RestoreEntry>;
  readonly facts: DatabaseFacts;
  readonly names: RestoreNames;
  /** Whether it is the database as a whole. */
  readonly whole: boolean;
  /** What is restored: tables, views and sequences. */
  readonly tables: readonly TableFacts[];
  /** Views, routines, triggers and events to be made; of chosen tables, their triggers. */
  readonly programs: readonly Program[];
  /** Whether an earlier attempt has put the tables in place. */
  readonly inPlace: boolean;
}

/** What is there now. */
export interface LiveState {
  readonly exists: boolean;
  readonly tables: readonly FoundTable[];
}

export async function stateOf(connection: Connection, live: string): Promise<LiveState> {
  const exists = await databaseExists(connection, live);
  return { exists, tables: exists ? await findTables(connection, await readServerVersion(connection), live) : [] };
}

/**
 * The plan for one database, after what an earlier attempt left half done is undone; `undefined` where the policy leaves nothing to do. Throws
 * `RESTORE_CONFLICT` and what is wrong with the target.
 */
export async function planRestore(
  held: HeldDatabase<RestoreEntry>,
  { access, request, nameFor, context }: DatabaseRestore,
): Promise<RestorePlan | undefined> {
  const names = namesFor(nameFor(held.name), context.restoreId);
  const { signal } = context;
  const earlier = await withConnection(access, signal, (connection) => readJournal(connection, names));
  const inPlace = earlier?.progress === 'done';
  if (!inPlace && earlier !== undefined) await goBack(access, names, signal);
  const facts = await readFacts(held.facts.read());
  const whole = request.includeTables === undefined;
  const wanted = request.includeTables === undefined ? facts.tables : chosenTables(facts, request.includeTables);
  const present = await withConnection(access, signal, async (connection) => {
    const { exists, tables } = await stateOf(connection, names.live);
    const programs = exists ? await programNames(connection, names.live) : [];
    return { tables, programs };
  });
  const put = new Set(inPlace ? earlier.journal.added : []);
  const tables = inPlace
    ? wanted.filter(({ name, kind }) => kind === 'view' || put.has(name))
    : request.policy === 'SKIP'
      ? absentOf(wanted, whole, present.tables)
      : wanted;
  const plan = { held, facts, names, whole, tables, programs: programsOf(facts, whole, tables), inPlace };
  if (inPlace) return plan;
  const touched = touchedBy(plan, present.tables);
  if (request.policy === 'FAIL') refuseOccupied(names.live, touched);
  if (request.policy === 'SKIP' && (whole ? present.tables.length > 0 : tables.length === 0)) return undefined;
  if (whole && facts.scope !== 'whole') refuseLoss(names.live, facts, present);
  return plan;
}

/** What of the present tables would be replaced. */
export function touchedBy(
  { whole, tables }: Pick<RestorePlan, 'whole' | 'tables'>,
  present: readonly FoundTable[],
): readonly FoundTable[] {
  const names = new Set(tables.map(({ name }) => name));
  return whole ? present : present.filter(({ name }) => names.has(name));
}

function absentOf(
  wanted: readonly TableFacts[],
  whole: boolean,
  present: readonly FoundTable[],
): readonly TableFacts[] {
  const there = new Set(present.map(({ name }) => name));
  return whole ? wanted : wanted.filter(({ name }) => !there.has(name));
}

function programsOf({ programs }: DatabaseFacts, whole: boolean, tables: readonly TableFacts[]): readonly Program[] {
  if (whole) return programs;
  const names = new Set(tables.map(({ name }) => name));
  return programs.filter(({ kind, table }) => kind === 'trigger' && names.has(table ?? ''));
}

/** Throws `RESTORE_CONFLICT` where something is there. */
export function refuseOccupied(live: string, occupied: readonly FoundTable[]): void {
  const [first] = occupied;
  if (first === undefined) return;
  throw new StrongroomError('RESTORE_CONFLICT', {
    count: occupied.length,
    first: `${first.kind} ${first.name} in database ${live}`,
  });
}

/** A backup without some of what a database holds must not take its place. */
function refuseLoss(
  live: string,
  facts: DatabaseFacts,
  present: { readonly tables: readonly FoundTable[]; readonly programs: readonly Pick<Program, 'kind' | 'name'>[] },
): void {
  const key = ({ kind, name }: { readonly kind: string; readonly name: string }): string => `${kind} ${name}`;
  const held = new Set([...facts.tables, ...facts.programs].map(key));
  const lost = [...present.tables, ...present.programs].map(key).find((one) => !held.has(one));
  if (lost === undefined) return;
  const reason = `the backup was made without ${lost}, which database ${live} would lose; restore it into another database`;
  throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
}
