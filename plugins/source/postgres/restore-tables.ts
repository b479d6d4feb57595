/**
 * Restores chosen tables into a database that stays in use:
 *
 *     strongroom_<id>_<n>           a schema in it, where the new tables are made, filled, indexed and checked (stage-definitions.ts)
 *     the schema of the old tables  where they are after one transaction that exchanges them (swap-tables.ts)
 *     strongroom_before_<id>_<n>    a schema where the old ones wait, if they are to be kept
 *
 * Until that transaction nothing has changed for those who use the database, which it marks as done: a retry finds that.
 */
import type pg from 'pg';
import type { RestoreContext, RestoreEntry, RestoreRequest, TableInfo } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import type { TableToLoad } from '../database/load-parts.ts';
import { chosenTables, toLoad } from './chosen-tables.ts';
import { type ServerAccess, withClient } from './connection.ts';
import { databaseExists, dropDatabase, isMarked } from './databases.ts';
import { readFacts, type SequenceFacts, type TableFacts } from './facts.ts';
import { qualified } from './found-tables.ts';
import type { HeldDatabase } from './held-database.ts';
import { loadRows } from './load-rows.ts';
import { literal, quoted } from './quoting.ts';
import { asideSchema, maintenanceOf, namesFor, stagingSchema } from './restore-names.ts';
import { setSequences } from './sequences.ts';
import { onServer, proveIndexesValid } from './server-work.ts';
import { EMPTY_SEARCH_PATH } from './session-settings.ts';
import { stageDefinitions } from './stage-definitions.ts';
import { swapTables, type TableSwap } from './swap-tables.ts';
import { oidsOf } from './table-dependents.ts';

export interface TablesRestore {
  readonly access: ServerAccess;
  readonly request: RestoreRequest;
  readonly labelOf: (database: string, table: string) => string;
  readonly context: RestoreContext;
}

/** A chosen table with the places that it goes through. */
interface StagedTable extends TableSwap {
  readonly facts: TableFacts;
}

/** Setting of a database that names the last restore of tables into it. */
const TABLES_MARK = 'strongroom.tables';

/**
 * Throws `RESTORE_CONFLICT` before anything is changed, `RESTORE_TARGET_UNSUITABLE` for what can't be exchanged, and what the tools and the
 * server say; the live tables are then as they were.
 */
export async function restoreTables(
  held: HeldDatabase<RestoreEntry>,
  database: string,
  { access, request, labelOf, context }: TablesRestore,
): Promise<void> {
  const facts = await readFacts(held.facts.read());
  const all = placed(chosenTables(facts, request.includeTables ?? ['*']), request, context.restoreId);
  const { present, complete } = await stateOf(access, database, all, context);
  if (!complete && request.policy === 'FAIL') refuseConflict(present, database);
  const tables = complete || request.policy !== 'SKIP' ? all : all.filter((table) => !present.includes(table));
  if (tables.length === 0) return;
  const expected = new Map((request.tables ?? []).map((table) => [table.name, table]));
  const chosen = tables.map((table) => table.facts);
  const load = toLoad(held, chosen, expected, (label) => labelOf(held.name, label));

  if (complete) reportDone(load, context);
  else {
    const { beside: scratchDatabase } = namesFor(database, context.restoreId);
    const clear = (): Promise<void> => clearAway(access, database, scratchDatabase, tables);
    try {
      await clear();
      context.step('definitions of tables');
      const staged = await stageDefinitions({ access, database, scratchDatabase, held, facts, tables, context });
      const inStaging = load.map((one, position) => {
        const schema = tables[position]?.beside ?? one.facts.schema;
        return { ...one, facts: { ...one.facts, schema } };
      });
      await loadRows(access, database, facts.encoding, inStaging, context);
      context.step('indexes, constraints and triggers');
      await staged.finish();
      await exchange(access, database, tables, facts.sequences, context);
    } finally {
      await clear();
    }
  }
  for (const { path, size } of [held.facts, held.schema]) context.done({ path, kind: 'file', bytes: size });
  if (context.keepPrevious && present.length > 0) context.kept();
}

/** Where each table goes. Throws `RESTORE_TARGET_UNSUITABLE` where two would be in one place. */
function placed(tables: readonly TableFacts[], { target }: RestoreRequest, restoreId: string): readonly StagedTable[] {
  const schemas = [...new Set(tables.map(({ schema }) => schema))];
  const found = tables.map((facts) => ({
    facts,
    name: facts.name,
    live: target.kind === 'schema' ? target.name : facts.schema,
    beside: stagingSchema(restoreId, schemas.indexOf(facts.schema)),
    aside: asideSchema(restoreId, schemas.indexOf(facts.schema)),
  }));
  const places = new Set<string>();
  for (const { live, name } of found) {
    const place = qualified({ schema: live, name });
    if (places.has(place)) throw unsuitable(`two of the tables chosen would both be ${place}`);
    places.add(place);
  }
  return found;
}

async function stateOf(
  access: ServerAccess,
  database: string,
  tables: readonly StagedTable[],
  { restoreId }: RestoreContext,
): Promise<{ readonly present: readonly StagedTable[]; readonly complete: boolean }> {
  const exists = await withClient(access, maintenanceOf(access, database), (client) =>
    databaseExists(client, database),
  );
  if (!exists) throw unsuitable(`there is no database ${database} to restore tables into; restore all of it instead`);
  return withClient(access, database, async (client) => {
    const present: StagedTable[] = [];
    for (const table of tables) if ((await oidsOf(client, [inLive(table)])).length > 0) present.push(table);
    return { present, complete: await isMarked(client, database, TABLES_MARK, restoreId) };
  });
}

function refuseConflict(present: readonly StagedTable[], database: string): void {
  const [first] = present;
  if (first === undefined) return;
  const place = `table ${qualified(inLive(first))} in database ${database}`;
  throw new StrongroomError('RESTORE_CONFLICT', { count: present.length, first: place });
}

/** The last steps, of which the very last one is seen by others. */
async function exchange(
  access: ServerAccess,
  database: string,
  tables: readonly StagedTable[],
  sequences: readonly SequenceFacts[],
  { signal, restoreId, keepPrevious }: RestoreContext,
): Promise<void> {
  await onServer(access, database, signal, async (client) => {
    await client.query(EMPTY_SEARCH_PATH);
    const owned = await sequencesIn(client, tables, sequences);
    for (const statement of setSequences(owned)) await client.query(statement);
    for (const table of tables) await client.query(`ANALYZE ${qualified(inBeside(table))}`);
    await proveIndexesValid(client, database);
    const schemas = [...new Set(tables.map(({ live }) => live))];
    const asides = new Map(tables.map(({ aside, live }) => [aside, live]));
    const before = [
      ...schemas.map((schema) => `CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`),
      ...[...asides].flatMap(([aside, live]) => [
        `CREATE SCHEMA IF NOT EXISTS ${quoted(aside)}`,
        `COMMENT ON SCHEMA ${quoted(aside)} IS ${literal(live)}`,
      ]),
    ];
    const after = [`ALTER DATABASE ${quoted(database)} SET ${TABLES_MARK} = ${literal(restoreId)}`];
    await swapTables(client, tables, { access, keep: keepPrevious, before, after });
  });
}

/** Of the sequences backed up those that came along with the tables, where they are now. */
async function sequencesIn(
  client: pg.Client,
  tables: readonly StagedTable[],
  sequences: readonly SequenceFacts[],
): Promise<readonly SequenceFacts[]> {
  const besides = new Map(tables.map(({ facts, beside }) => [facts.schema, beside]));
  const moved = sequences.flatMap((sequence) => {
    const schema = besides.get(sequence.schema);
    return schema === undefined ? [] : [{ ...sequence, schema }];
  });
  const { rows } = await client.query<{ schema: string; name: string }>(
    `SELECT n.nspname::text AS schema, c.relname::text AS name FROM pg_catalog.pg_class c
       JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'S' AND n.nspname = ANY ($1)`,
    [[...besides.values()]],
  );
  const there = new Set(rows.map(qualified));
  return moved.filter((sequence) => there.has(qualified(sequence)));
}

/** Everything of a restore that is not in use: what it began, or what is left when it is complete. */
async function clearAway(
  access: ServerAccess,
  database: string,
  scratchDatabase: string,
  tables: readonly StagedTable[],
): Promise<void> {
  await withClient(access, maintenanceOf(access, database), (client) => dropDatabase(client, scratchDatabase));
  await withClient(access, database, async (client) => {
    for (const schema of new Set(tables.map(({ beside }) => beside))) {
      await client.query(`DROP SCHEMA IF EXISTS ${quoted(schema)} CASCADE`);
    }
    for (const schema of new Set(tables.map(({ aside }) => aside))) {
      const { rows } = await client.query(
        `SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = $1 LIMIT 1`,
        [schema],
      );
      if (rows.length === 0) await client.query(`DROP SCHEMA IF EXISTS ${quoted(schema)}`);
    }
  });
}

/** What an earlier attempt has put in place. */
function reportDone(load: readonly TableToLoad<TableFacts>[], context: RestoreContext): void {
  for (const { name, parts, expected } of load) {
    for (const { path, size } of parts) context.done({ path, kind: 'file', bytes: size });
    const table: TableInfo = expected ?? { name };
    context.table(table);
  }
}

const inLive = ({ live, name }: TableSwap): { readonly schema: string; readonly name: string } => ({
  schema: live,
  name,
});
const inBeside = ({ beside, name }: TableSwap): { readonly schema: string; readonly name: string } => ({
  schema: beside,
  name,
});
const unsuitable = (reason: string): StrongroomError => new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
