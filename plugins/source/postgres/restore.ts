/**
 * Restores databases beside the live ones and swaps each by renames, so that nothing is ever half done:
 *
 *     <name>_strongroom_<8 hex digits>   is filled; dropped when that fails or is cancelled
 *     <name>_before_<8 hex digits>       the old one after the swap, dropped at once unless it is to be kept
 *
 * Both renames are one transaction. The new database carries a setting that names the restore: a retry of one that was
 * complete finds it and is done, and one that was not clears away what it had begun.
 */
import type { RestoreContext, RestoreEntry, RestoreRequest, TableInfo } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { withClient } from './connection.ts';
import type { ServerAccess } from './connection.ts';
import { makeMissing } from './cluster.ts';
import { createBeside, databaseExists, databasesMarked, dropDatabase, markDatabase } from './databases.ts';
import { type DatabaseFacts, readFacts } from './facts.ts';
import { fillDatabase } from './fill-database.ts';
import { findTables } from './found-tables.ts';
import { type HeldDatabase, heldDatabases } from './held-database.ts';
import { maintenanceOf, namesFor } from './restore-names.ts';
import { restoreTables } from './restore-tables.ts';
import { swapDatabases } from './swap.ts';
import { EVERY_KIND, listTables } from './tables.ts';

export interface DatabaseRestore {
  readonly access: ServerAccess;
  readonly request: RestoreRequest;
  /** The name at the target of a database that was backed up. Throws `RESTORE_TARGET_UNSUITABLE`. */
  readonly nameFor: (backedUp: string) => string;
  /** What the backup calls a table of a database. */
  readonly labelOf: (database: string, table: string) => string;
  readonly context: RestoreContext;
}

/** Restores every database among `entries`. Throws `RESTORE_CONFLICT`, before anything is changed, and what the tools and server say. */
export async function restoreDatabases(entries: AsyncIterable<RestoreEntry>, restore: DatabaseRestore): Promise<void> {
  const { databases: held, cluster } = await heldDatabases(entries);
  const { request, nameFor } = restore;
  if (request.target.kind === 'database' && held.length > 1) {
    const reason = `${held.length} databases can't all become ${request.target.name}`;
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
  }
  const named = held.map((database) => ({ database, name: nameFor(database.name) }));
  const chosen = request.includeTables !== undefined || request.target.kind === 'schema';
  if (request.policy === 'FAIL' && !chosen) for (const { name } of named) await refuseOccupied(restore, name);
  if (cluster !== undefined) {
    await makeMissing(restore.access, cluster.read(), restore.context);
    restore.context.done({ path: cluster.path, kind: 'file', bytes: cluster.size });
  }
  if (chosen) {
    for (const { database, name } of named) await restoreTables(database, name, restore);
    return;
  }
  for (const { database, name } of named) await restoreDatabase(database, name, restore);
}

async function restoreDatabase(
  held: HeldDatabase<RestoreEntry>,
  name: string,
  { access, request, labelOf, context }: DatabaseRestore,
): Promise<void> {
  const admin = maintenanceOf(access, name);
  const names = namesFor(name, context.restoreId);
  const expected = new Map((request.tables ?? []).map((table) => [table.name, table]));
  const facts = await readFacts(held.facts.read());
  const state = await withClient(access, admin, async (client) => ({
    complete: (await databasesMarked(client, context.restoreId)).includes(name),
    exists: await databaseExists(client, name),
  }));
  const settlePrevious = (): Promise<void> =>
    withClient(access, admin, async (client) => {
      if (!context.keepPrevious) await dropDatabase(client, names.before);
      else if (await databaseExists(client, names.before)) context.kept();
    });
  if (state.complete) {
    await settlePrevious();
    reportAll(held, expected, context);
    return;
  }
  if (state.exists && request.policy === 'SKIP') return;
  if (facts.scope !== 'whole' && request.policy === 'OVERWRITE' && state.exists) await refuseLoss(access, name, facts);

  try {
    await withClient(access, admin, async (client) => {
      await dropDatabase(client, names.beside);
      await createBeside(client, names.beside, state.exists ? name : undefined, facts);
      await markDatabase(client, names.beside, context.restoreId);
    });
    await fillDatabase({
      access,
      database: names.beside,
      held,
      facts,
      expected,
      labelOf: (table) => labelOf(held.name, table),
      context,
    });
    await swapDatabases(access, admin, { ...names, live: name });
  } catch (error) {
    await withClient(access, admin, (client) => dropDatabase(client, names.beside));
    throw error;
  }
  await settlePrevious();
}

/** With `FAIL` a database that is there must be empty, or the complete result of an earlier attempt. */
async function refuseOccupied({ access, context }: DatabaseRestore, name: string): Promise<void> {
  const occupied = await withClient(access, maintenanceOf(access, name), async (client) => {
    const complete = (await databasesMarked(client, context.restoreId)).includes(name);
    return !complete && (await databaseExists(client, name));
  });
  if (!occupied) return;
  const tables = await withClient(access, name, (client) => listTables(client, EVERY_KIND));
  const first = tables[0];
  if (first === undefined) return;
  throw new StrongroomError('RESTORE_CONFLICT', {
    count: tables.length,
    first: `table ${first.name} in database ${name}`,
  });
}

/** A backup without some tables must not take the place of a database that has them. */
async function refuseLoss(access: ServerAccess, name: string, facts: DatabaseFacts): Promise<void> {
  const held = new Set(facts.tables.map(({ label }) => label));
  const tables = await withClient(access, name, (client) => findTables(client, {}));
  const lost = tables.find(({ label, kind }) => (kind === 'table' || kind === 'materialized view') && !held.has(label));
  if (lost === undefined) return;
  const reason = `the backup was made without ${lost.kind} ${lost.label}, which database ${name} would lose; restore it into another database`;
  throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
}

/** What an earlier attempt has put in place. */
function reportAll(
  { facts, schema, largeObjects, rows }: HeldDatabase<RestoreEntry>,
  expected: ReadonlyMap<string, TableInfo>,
  context: RestoreContext,
): void {
  const entries = [facts, schema, ...(largeObjects === undefined ? [] : [largeObjects]), ...[...rows.values()].flat()];
  for (const { path, size } of entries) context.done({ path, kind: 'file', bytes: size });
  for (const table of expected.values()) context.table(table);
}
