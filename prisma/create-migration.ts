/**
 * For developers: writes the migration that leads from the migrations there are to schema.prisma.
 *
 *   node prisma/create-migration.ts <name>
 *
 * Applies the migrations to an embedded server of its own, which is gone afterwards, and writes down what is missing.
 */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedServer } from '../src/catalogue/embedded-server.ts';
import { migrationsDirectory } from './migration-files.ts';
import { applyMigrations } from './migrate.ts';
import { schemaDifference } from './schema-difference.ts';

async function createMigration(name: string, now: Date): Promise<string | undefined> {
  await using cleanup = new AsyncDisposableStack();
  const dataDirectory = await mkdtemp(join(tmpdir(), 'strongroom-migration-'));
  cleanup.defer(() => rm(dataDirectory, { recursive: true, force: true }));
  const log = (): void => undefined;
  const server = cleanup.use(await startEmbeddedServer({ dataDirectory, log }));
  await applyMigrations(server.url, log);
  const sql = await schemaDifference(server.url);
  if (sql === undefined) return undefined;
  const time = now.toISOString().replaceAll(/\D/g, '').slice(0, 14);
  const directory = join(migrationsDirectory, `${time}_${name}`);
  await mkdir(directory);
  await writeFile(join(directory, 'migration.sql'), sql);
  return directory;
}

const name = process.argv[2] ?? '';
if (/^[a-z][a-z0-9_]*$/.test(name)) {
  const directory = await createMigration(name, new Date());
  process.stdout.write(directory === undefined ? 'schema.prisma has not changed.\n' : `Wrote ${directory}\n`);
} else {
  process.stderr.write('Give the migration a name of small letters, digits and underscores.\n');
  process.exitCode = 2;
}
