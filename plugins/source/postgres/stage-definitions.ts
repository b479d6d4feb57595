/** Makes tables anew, empty, in schemas of their own, beside the live ones. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { RestoreContext, RestoreEntry } from '../../../src/contracts/index.ts';
import { type ServerAccess, toolEnvironment, withClient } from './connection.ts';
import { createBeside } from './databases.ts';
import type { DatabaseFacts } from './facts.ts';
import { qualified } from './found-tables.ts';
import type { HeldDatabase } from './held-database.ts';
import { segmentOf } from '../database/segments.ts';
import { quoted } from './quoting.ts';
import { type RestoreTool, runRestore } from './run-restore.ts';
import { isSuperuser, onServer, tablespaceOption } from './server-work.ts';
import { serverMajor } from './tables.ts';
import { findTool, startTool } from './tools.ts';

export interface Staging {
  readonly access: ServerAccess;
  /** Where the tables are needed. */
  readonly database: string;
  /** Gets all definitions of the backup, and no rows; must not be there. */
  readonly scratchDatabase: string;
  readonly held: HeldDatabase<RestoreEntry>;
  readonly facts: DatabaseFacts;
  /** Which tables, and the schema that each gets. */
  readonly tables: readonly {
    readonly facts: { readonly schema: string; readonly name: string };
    readonly beside: string;
  }[];
  readonly context: RestoreContext;
}

/** Tables that are there, without what is built on their rows. */
export interface StagedDefinitions {
  /** Builds indexes, constraints, triggers and the like. */
  finish(): Promise<void>;
}

/**
 * The server's program writes definitions under no other names than those that things have. So it writes them from a scratch database, in which
 * the tables have been moved. Indexes, and sequences that belong to columns, move along.
 */
export async function stageDefinitions(staging: Staging): Promise<StagedDefinitions> {
  const { access, database, scratchDatabase, held, facts, tables, context } = staging;
  const { signal, scratch } = context;
  const { major, superuser, places } = await withClient(access, access.maintenanceDatabase, async (client) => ({
    major: await serverMajor(client),
    superuser: await isSuperuser(client),
    places: await tablespaceOption(client, facts.tablespaces, context),
  }));
  await onServer(access, access.maintenanceDatabase, signal, (client) =>
    createBeside(client, scratchDatabase, undefined, facts),
  );
  const restore: RestoreTool = { tool: await findTool('pg_restore', major), access, scratch, signal };
  const common = ['--no-publications', '--no-subscriptions', ...(superuser ? [] : ['--no-owner']), ...places];
  const whole = join(scratch, `${segmentOf(held.name)}.restored`);
  await held.schema.writeFile(Buffer.from(whole));
  const schemas = [...new Set(tables.map(({ beside }) => beside))];
  await onServer(access, scratchDatabase, signal, async (client) => {
    if (facts.scope !== 'chosenTables') return;
    for (const { name } of facts.schemas) await client.query(`CREATE SCHEMA IF NOT EXISTS ${quoted(name)}`);
  });
  for (const section of ['pre-data', 'post-data']) {
    await runRestore(restore, scratchDatabase, [`--section=${section}`, ...common, whole]);
  }
  await onServer(access, scratchDatabase, signal, async (client) => {
    for (const schema of schemas) await client.query(`CREATE SCHEMA ${quoted(schema)}`);
    for (const { facts: table, beside } of tables) {
      await client.query(`ALTER TABLE ${qualified(table)} SET SCHEMA ${quoted(beside)}`);
    }
  });
  const archive = join(scratch, `${segmentOf(held.name)}.staged`);
  await dumpSchemas(staging, major, schemas, archive);
  await runRestore(restore, database, ['--section=pre-data', ...common, archive]);
  const jobs = `--jobs=${access.connections}`;
  return { finish: () => runRestore(restore, database, ['--section=post-data', ...common, jobs, archive]) };
}

async function dumpSchemas(
  { access, scratchDatabase, context }: Staging,
  major: number,
  schemas: readonly string[],
  path: string,
): Promise<void> {
  const args = ['--format=custom', '--no-password', '--section=pre-data', '--section=post-data', '--no-publications'];
  const environment = await toolEnvironment(access, scratchDatabase, context.scratch);
  const all = [...args, ...schemas.map((schema) => `--schema=${schema}`)];
  await using dump = startTool(await findTool('pg_dump', major), all, environment, context.signal);
  dump.stdin.end();
  await pipeline(dump.stdout, createWriteStream(path, { mode: 0o600 }));
  await dump.ended;
}
