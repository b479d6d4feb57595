/** The migrations and the data model as they lie in this directory. */
import { readdir, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';
import type { MigrationList } from './schema-engine.ts';

/** Where the project's own migrations lie. */
export const migrationsDirectory = fileURLToPath(new URL('migrations', import.meta.url));

/** The text of schema.prisma. */
export const readDataModel = (): Promise<string> => readFile(new URL('schema.prisma', import.meta.url), 'utf8');

/** Every migration of a directory in the order of its name, which starts with the time it was made. */
export async function readMigrations(directory: string = migrationsDirectory): Promise<MigrationList> {
  const entries = await readdir(directory, { withFileTypes: true });
  const names = entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
  const migrationDirectories = names.toSorted().map(async (path) => ({
    path,
    migrationFile: {
      path: 'migration.sql',
      content: { tag: 'ok' as const, value: await readFile(join(directory, path, 'migration.sql'), 'utf8') },
    },
  }));
  const lockfile = 'migration_lock.toml';
  return {
    baseDir: directory,
    lockfile: { path: lockfile, content: await readFile(join(directory, lockfile), 'utf8') },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(migrationDirectories),
  };
}
