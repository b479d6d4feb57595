/** Brings the catalogue up to date, as `prisma migrate deploy` would; see docs/decisions/0020-prisma-migrations-in-wasm.md. */
import pg from 'pg';
import { catalogueUnavailable } from '../src/catalogue/connection-error.ts';
import { StrongroomError } from '../src/errors.ts';
import { migrationsDirectory, readDataModel, readMigrations } from './migration-files.ts';
import { type Explain, type MigrationList, NO_FILTER, type SchemaEngine, withSchemaEngine } from './schema-engine.ts';

/** Key of the advisory lock that lets one process at a time migrate a database: "STRM" in ASCII. */
const MIGRATION_LOCK = 0x5354_524d;

/** How long a process waits for another one that migrates. */
const LOCK_TIMEOUT = '10min';

/**
 * Applies every migration that the database at `url` does not have yet and returns their names. Any number of processes
 * may call it at once: one applies, the others wait and find nothing to do. A migration is applied whole or not at all.
 * Throws `CATALOGUE_UNAVAILABLE` when the database can't be reached and `CATALOGUE_MIGRATION` when a migration fails
 * (it is then tried again at the next call), was edited after it was applied, or is unknown to this version.
 * `log` hears one line for each thing done. `directory` is only for tests.
 */
export async function applyMigrations(
  url: string,
  log: (message: string) => void,
  directory: string = migrationsDirectory,
): Promise<readonly string[]> {
  const [dataModel, migrationsList] = await Promise.all([readDataModel(), readMigrations(directory)]);
  return withMigrationLock(url, log, () =>
    withSchemaEngine(url, dataModel, async (engine, explain) => {
      await refuseForeignHistory(engine, migrationsList);
      const applied = await apply(engine, explain, migrationsList);
      for (const name of applied) log(`Applied the migration ${name} to the catalogue.`);
      return applied;
    }),
  );
}

async function withMigrationLock<T>(url: string, log: (message: string) => void, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, keepAlive: true });
  // A connection lost while the lock is held surfaces with the next query, here or in the engine.
  client.on('error', (error) => log(`Lost the connection that guards the migrations: ${error.message}`));
  try {
    await client.connect();
  } catch (error) {
    throw catalogueUnavailable(error);
  }
  try {
    const { rows } = await client.query<{ free: boolean }>('SELECT pg_try_advisory_lock($1) AS free', [MIGRATION_LOCK]);
    if (rows[0]?.free !== true) {
      log('Another process is migrating the catalogue; waiting for it.');
      await client.query(`SET lock_timeout = '${LOCK_TIMEOUT}'`);
      await client.query('SELECT pg_advisory_lock($1)', [MIGRATION_LOCK]).catch((error: unknown) => {
        throw failure('another process has been migrating it for too long', error);
      });
    }
    return await work();
  } finally {
    await client.end();
  }
}

/** `prisma migrate deploy` would apply to a database that holds edited or newer migrations; nothing good comes of it. */
async function refuseForeignHistory(engine: SchemaEngine, migrationsList: MigrationList): Promise<void> {
  const found = await engine.diagnoseMigrationHistory({
    migrationsList,
    optInToShadowDatabase: false,
    filters: NO_FILTER,
  });
  if (found.failedMigrationNames.length > 0) {
    throw failure(`the migration ${found.failedMigrationNames.join(', ')} was begun and never finished`);
  }
  if (found.editedMigrationNames.length > 0) {
    throw failure(`the migration ${found.editedMigrationNames.join(', ')} was changed after it was applied`);
  }
  const { history } = found;
  if (history?.diagnostic === 'migrationsDirectoryIsBehind' || history?.diagnostic === 'historiesDiverge') {
    const unknown = history.unpersistedMigrationNames.join(', ');
    throw failure(`it holds the migration ${unknown}, which this version does not know: a newer version made it`);
  }
}

async function apply(
  engine: SchemaEngine,
  explain: Explain,
  migrationsList: MigrationList,
): Promise<readonly string[]> {
  try {
    return (await engine.applyMigrations({ migrationsList, filters: NO_FILTER })).appliedMigrationNames;
  } catch (thrown) {
    const error = explain(thrown);
    // A migration is one script in one implicit transaction: what failed left nothing behind, so it may be tried again.
    const { failedMigrationNames } = await engine.diagnoseMigrationHistory({
      migrationsList,
      optInToShadowDatabase: false,
      filters: NO_FILTER,
    });
    for (const migrationName of failedMigrationNames) await engine.markMigrationRolledBack({ migrationName });
    const names = failedMigrationNames.join(', ');
    throw failure(
      names === '' ? reasonOf(error) : `the migration ${names} failed and was undone: ${reasonOf(error)}`,
      error,
    );
  }
}

/** The engine adds its own call stack to its messages. */
const reasonOf = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).split('\n   0:')[0]?.trim() ?? '';

const failure = (reason: string, cause?: unknown): StrongroomError<'CATALOGUE_MIGRATION'> =>
  new StrongroomError('CATALOGUE_MIGRATION', { reason }, { cause });
