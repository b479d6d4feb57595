/** Fills an empty database with what a backup holds of one: definitions, rows, then what is built on rows. */
import { join } from 'node:path';
import type { RestoreContext, RestoreEntry, TableInfo } from '../../../src/contracts/index.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { toLoad } from './chosen-tables.ts';
import { type ServerAccess, withClient } from './connection.ts';
import type { DatabaseFacts } from './facts.ts';
import type { HeldDatabase } from './held-database.ts';
import { segmentOf } from '../database/segments.ts';
import { loadRows } from './load-rows.ts';
import { quoted } from './quoting.ts';
import { runRestore } from './run-restore.ts';
import { setSequences } from './sequences.ts';
import { analyzeTables } from './analyze-tables.ts';
import { isSuperuser, onServer, proveIndexesValid, tablespaceOption } from './server-work.ts';
import { EMPTY_SEARCH_PATH } from './session-settings.ts';
import { serverMajor } from './tables.ts';
import { findTool } from './tools.ts';

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
  const { access, database, held, facts, expected, labelOf, context } = filling;
  const { signal, scratch } = context;
  const { major, superuser, places } = await withClient(access, database, async (client) => ({
    major: await serverMajor(client),
    superuser: await isSuperuser(client),
    places: await tablespaceOption(client, facts.tablespaces, context),
  }));
  const tool = await findTool('pg_restore', major, facts.server.major);
  const restore = { tool, access, scratch, signal };
  const archive = join(scratch, `${segmentOf(held.name)}.restored`);
  await held.schema.writeFile(Buffer.from(archive));
  const always = [...(superuser ? [] : ['--no-owner']), ...places];
  const build = (section: string, ...more: readonly string[]): Promise<void> =>
    runRestore(restore, database, [`--section=${section}`, ...always, ...more, archive]);

  if (facts.scope === 'chosenTables') await makeSchemas(filling, superuser);
  context.step('definitions of tables');
  await build('pre-data');
  await loadRows(access, database, facts.encoding, toLoad(held, facts.tables, expected, labelOf), context);
  if (held.largeObjects !== undefined) {
    context.step('large objects');
    await runRestore(restore, database, ['--section=data'], held.largeObjects.read());
    context.done({ path: held.largeObjects.path, kind: 'file', bytes: held.largeObjects.size });
  }
  await onServer(access, database, signal, async (client) => {
    await client.query(EMPTY_SEARCH_PATH);
    for (const statement of setSequences(facts.sequences)) await client.query(statement);
  });
  context.step('indexes, constraints and triggers');
  await build('post-data', `--jobs=${access.connections}`);
  for (const { path, size } of [held.facts, held.schema]) context.done({ path, kind: 'file', bytes: size });
  context.step('statistics of tables');
  await analyzeTables(access, database, signal);
  await onServer(access, database, signal, (client) => proveIndexesValid(client, database));
  throwIfCancelled(signal);
}

/** A dump of chosen tables has no schemas in it. */
async function makeSchemas({ access, database, facts, context }: Filling, superuser: boolean): Promise<void> {
  await onServer(access, database, context.signal, async (client) => {
    for (const { name, owner } of facts.schemas) {
      const authorization = superuser ? ` AUTHORIZATION ${quoted(owner)}` : '';
      await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(name)}${authorization}`);
    }
  });
}
