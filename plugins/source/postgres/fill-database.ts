/** Fills an empty database with what a backup holds of one: definitions, rows, then what is built on rows. */
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type pg from 'pg';
import type { RestoreContext, RestoreEntry, TableInfo } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { type ServerAccess, toolEnvironment, withClient } from './connection.ts';
import type { DatabaseFacts } from './facts.ts';
import { type HeldDatabase, keyOf } from './held-database.ts';
import { segmentOf } from './layout.ts';
import { loadRows, type TableToLoad } from './load-rows.ts';
import { quoted } from './quoting.ts';
import { setSequences } from './sequences.ts';
import { EMPTY_SEARCH_PATH } from './session-settings.ts';
import { serverMajor } from './tables.ts';
import { findTool, startTool, type Tool } from './tools.ts';

/** For what takes the longer the larger the database is. */
const ANY_TIME = 0;

export interface Filling {
  readonly access: ServerAccess;
  /** The database that is filled. */
  readonly database: string;
  readonly held: HeldDatabase<RestoreEntry>;
  readonly facts: DatabaseFacts;
  /** What the backup counted, by name. */
  readonly expected: ReadonlyMap<string, TableInfo>;
  /** That name of a table of this database. */
  readonly labelOf: (table: string) => string;
  readonly context: RestoreContext;
}

/** Throws what the programs and the server say; the database is then to be dropped. */
export async function fillDatabase(filling: Filling): Promise<void> {
  const { access, database, held, facts, context } = filling;
  const { major, superuser } = await withClient(access, database, async (client) => ({
    major: await serverMajor(client),
    superuser:
      (await client.query<{ is: string }>(`SELECT current_setting('is_superuser') AS is`)).rows[0]?.is === 'on',
  }));
  const tool = await findTool('pg_restore', major);
  const archive = join(context.scratch, `${segmentOf(held.name)}.restored`);
  await held.schema.writeFile(Buffer.from(archive));
  // Only a superuser may give tables to others; anybody else then owns what he restores.
  const owner = superuser ? [] : ['--no-owner'];
  const build = (section: string, ...more: readonly string[]): Promise<void> =>
    runRestore(tool, filling, [`--section=${section}`, ...owner, ...more, archive]);

  if (facts.scope === 'chosenTables') await makeSchemas(filling, superuser);
  context.step('definitions of tables');
  await build('pre-data');
  await loadRows(access, database, facts.encoding, tablesOf(filling), context);
  if (held.largeObjects !== undefined) {
    context.step('large objects');
    await runRestore(tool, filling, ['--section=data'], held.largeObjects.read());
    context.done({ path: held.largeObjects.path, kind: 'file', bytes: held.largeObjects.size });
  }
  await onServer(filling, async (client) => {
    await client.query(EMPTY_SEARCH_PATH);
    for (const statement of setSequences(facts.sequences)) await client.query(statement);
  });
  context.step('indexes, constraints and triggers');
  await build('post-data', `--jobs=${access.connections}`);
  for (const { path, size } of [held.facts, held.schema]) context.done({ path, kind: 'file', bytes: size });
  context.step('statistics of tables');
  await onServer(filling, async (client) => {
    await client.query('ANALYZE');
    await proveValid(client, database);
  });
  throwIfCancelled(context.signal);
}

function tablesOf({ held, facts, expected, labelOf }: Filling): readonly TableToLoad[] {
  return facts.tables
    .filter(({ parts }) => parts > 0)
    .map((table) => {
      const parts = held.rows.get(keyOf(table.schema, table.name)) ?? [];
      if (parts.length !== table.parts) {
        const reason = `${table.parts} files of rows were backed up, and ${parts.length} are there`;
        throw new StrongroomError('RESTORE_FAILED', { subject: `table ${table.label}`, reason });
      }
      const name = labelOf(table.label);
      return { name, facts: table, parts, expected: expected.get(name) };
    });
}

/** A dump of chosen tables has no schemas in it. */
async function makeSchemas(filling: Filling, superuser: boolean): Promise<void> {
  await onServer(filling, async (client) => {
    for (const { name, owner } of filling.facts.schemas) {
      const authorization = superuser ? ` AUTHORIZATION ${quoted(owner)}` : '';
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(name)}${authorization}`);
    }
  });
}

async function runRestore(
  tool: Tool,
  { access, database, context }: Filling,
  args: readonly string[],
  input?: AsyncIterable<Uint8Array>,
): Promise<void> {
  const environment = await toolEnvironment(access, database, context.scratch);
  const all = ['--exit-on-error', '--no-password', `--dbname=${database}`, ...args];
  await using restore = startTool(tool, all, environment, context.signal);
  restore.stdout.resume();
  try {
    if (input === undefined) restore.stdin.end();
    else await pipeline(input, restore.stdin);
  } catch (error) {
    if (error instanceof StrongroomError) throw error;
    await restore.ended;
    throw error;
  }
  await restore.ended;
}

/** Runs statements that may take any time; closes the connection, and with it what runs, when the restore is cancelled. */
async function onServer(
  { access, database, context }: Filling,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  await withClient(access, database, (client) => Promise.race([work(client), cancelled(context.signal)]), ANY_TIME);
}

/** Rejects with `CANCELLED` on abort; a connection that is then closed breaks off what it does. */
const cancelled = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(new StrongroomError('CANCELLED', {}, { cause: signal.reason }));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

/** Constraints are checked as they are made; an index alone may be there and not be valid. */
async function proveValid(client: pg.Client, database: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT i.indexrelid::regclass::text AS name FROM pg_catalog.pg_index i JOIN pg_catalog.pg_class c ON c.oid = i.indexrelid
      WHERE NOT i.indisvalid AND c.relkind = 'i' LIMIT 1`,
  );
  const [invalid] = rows;
  if (invalid === undefined) return;
  const reason = 'it was made and is not valid';
  throw new StrongroomError('RESTORE_FAILED', { subject: `index ${invalid.name} of database ${database}`, reason });
}
