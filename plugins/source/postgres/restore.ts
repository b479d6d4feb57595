/**
 * Restores a dump beside the live database and swaps the two by renames, so that nothing is ever half done:
 *
 *     <name>_strongroom_<8 hex digits>   is filled by pg_restore; dropped when that fails or is cancelled
 *     <name>_before_<8 hex digits>       the old one after the swap, dropped at once
 *
 * Both renames are one transaction. The new database carries a comment that names the restore: a retry of one that was
 * complete finds it and is done, and one that was not clears away what it had begun.
 */
import { pipeline } from 'node:stream/promises';
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { ConflictPolicy, RestoreContext, RestoreEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { toolEnvironment, withClient } from './connection.ts';
import type { ServerAccess } from './connection.ts';
import { commentOf, createBeside, databaseExists, dropDatabase } from './databases.ts';
import { literal, quoted } from './quoting.ts';
import { swapDatabases } from './swap.ts';
import { EVERY_KIND, listTables, serverMajor } from './tables.ts';
import { findTool, startTool } from './tools.ts';

/** For what takes the longer the larger the database is. */
const ANY_TIME = 0;

/** Restores the one file among `entries` as the database `name`. Throws `RESTORE_CONFLICT` and what the tools and server say. */
export async function restoreDatabase(
  entries: AsyncIterable<RestoreEntry>,
  access: ServerAccess,
  name: string,
  policy: ConflictPolicy,
  context: RestoreContext,
): Promise<void> {
  const admin = maintenanceOf(access, name);
  const names = namesFor(name, context.restoreId);
  const entry = await theDump(entries);
  const state = await withClient(access, admin, async (client) => ({
    complete: (await commentOf(client, name)) === names.comment,
    exists: await databaseExists(client, name),
  }));
  if (state.complete) {
    await withClient(access, admin, (client) => dropDatabase(client, names.before));
    await report(access, name, entry, context);
    return;
  }
  if (state.exists && policy === 'SKIP') return;
  if (state.exists && policy === 'FAIL') await proveEmpty(access, name);

  try {
    await withClient(access, admin, async (client) => {
      await dropDatabase(client, names.beside);
      await createBeside(client, names.beside, state.exists ? name : undefined);
      await client.query(`COMMENT ON DATABASE ${quoted(names.beside)} IS ${literal(names.comment)}`);
    });
    await fill(access, names.beside, entry, context);
    throwIfCancelled(context.signal);
    await swapDatabases(access, admin, { ...names, live: name });
  } catch (error) {
    await withClient(access, admin, (client) => dropDatabase(client, names.beside));
    throw error;
  }
  await withClient(access, admin, (client) => dropDatabase(client, names.before));
  await report(access, name, entry, context);
}

async function theDump(entries: AsyncIterable<RestoreEntry>): Promise<RestoreEntry> {
  for await (const entry of entries) if (entry.kind === 'file') return entry;
  throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason: 'what was selected holds no dump' });
}

/** A database cannot be renamed over the connection to itself. */
const maintenanceOf = (access: ServerAccess, name: string): string =>
  access.maintenanceDatabase === name ? 'template1' : access.maintenanceDatabase;

/** Names for one restore, stable over its attempts. PostgreSQL cuts names after 63 bytes; so it's the first part that is. */
function namesFor(
  name: string,
  restoreId: string,
): { readonly beside: string; readonly before: string; readonly comment: string } {
  const id = createHash('sha256').update(restoreId).digest('hex').slice(0, 8);
  const suffixed = (suffix: string): string => {
    let first = name;
    while (Buffer.byteLength(first + suffix) > 63) first = first.slice(0, -1);
    return first + suffix;
  };
  return {
    beside: suffixed(`_strongroom_${id}`),
    before: suffixed(`_before_${id}`),
    comment: `Restored by Strongroom, restore ${restoreId}`,
  };
}

async function proveEmpty(access: ServerAccess, name: string): Promise<void> {
  const tables = await withClient(access, name, (client) => listTables(client, EVERY_KIND));
  const first = tables[0];
  if (first === undefined) return;
  throw new StrongroomError('RESTORE_CONFLICT', {
    count: tables.length,
    first: `table ${first.name} in database ${name}`,
  });
}

async function fill(
  access: ServerAccess,
  database: string,
  entry: RestoreEntry,
  context: RestoreContext,
): Promise<void> {
  const { major, superuser } = await withClient(access, database, async (client) => ({
    major: await serverMajor(client),
    superuser:
      (await client.query<{ is: string }>(`SELECT current_setting('is_superuser') AS is`)).rows[0]?.is === 'on',
  }));
  const tool = await findTool('pg_restore', major);
  const args = ['--exit-on-error', '--no-password', `--dbname=${database}`];
  // Only a superuser may give tables to others; anybody else then owns what he restores.
  if (!superuser) args.push('--no-owner');
  context.expect({ items: 1, bytes: entry.size });
  await using restore = startTool(tool, args, toolEnvironment(access, database), context.signal);
  restore.stdout.resume();
  try {
    await pipeline(entry.read(), restore.stdin);
  } catch (error) {
    if (error instanceof StrongroomError) throw error;
    await restore.ended;
    throw error;
  }
  await restore.ended;
  const analyze = (client: pg.Client) => Promise.race([client.query('ANALYZE'), cancelled(context.signal)]);
  await withClient(access, database, analyze, ANY_TIME);
}

/** Rejects with `CANCELLED` on abort; a connection that is then closed breaks off what it does. */
const cancelled = (signal: AbortSignal): Promise<never> =>
  new Promise((_, reject) => {
    const end = (): void => reject(new StrongroomError('CANCELLED', {}, { cause: signal.reason }));
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });

async function report(access: ServerAccess, name: string, entry: RestoreEntry, context: RestoreContext): Promise<void> {
  const tables = await withClient(access, name, (client) => listTables(client));
  for (const { oid: _, ...table } of tables) context.table(table);
  context.done({ path: entry.path, kind: 'file', bytes: entry.size });
}
