import { appendFile, cp, mkdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import pg from 'pg';
import { migrationsDirectory } from '../../prisma/migration-files.ts';
import { applyMigrations } from '../../prisma/migrate.ts';
import { schemaDifference } from '../../prisma/schema-difference.ts';
import { startEmbeddedServer } from '../../src/catalogue/embedded-server.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';

let server: PostgresServer;
let directory: TempDir;
let count = 0;

beforeAll(async () => {
  server = await startPostgres();
  directory = await makeTempDir('migrations');
});
afterAll(async () => {
  await directory[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const emptyDatabase = (): Promise<string> => server.createDatabase(`migrate_${(count += 1)}`);
const silent = (): void => undefined;

/** The project's migrations with one more after them. */
async function migrationsWith(sql: string): Promise<{ path: string; added: string }> {
  const path = directory.join(`set-${(count += 1)}`);
  await cp(migrationsDirectory, path, { recursive: true });
  const added = '29990101000000_added';
  await mkdir(`${path}/${added}`);
  await writeFile(`${path}/${added}/migration.sql`, sql);
  return { path, added };
}

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

describe('migrations', () => {
  test('make an empty database equal to schema.prisma, and are recorded as Prisma does', async () => {
    const url = await emptyDatabase();
    expect(await schemaDifference(url)).toContain('CREATE TABLE "backup"');
    const lines: string[] = [];
    const applied = await applyMigrations(url, (line) => lines.push(line));
    expect(applied.length).toBeGreaterThan(0);
    expect(lines).toHaveLength(applied.length);
    expect(await schemaDifference(url)).toBeUndefined();
    const records = await query<{ name: string; steps: number; checksum: string; finished: boolean }>(
      url,
      `SELECT migration_name AS name, applied_steps_count AS steps, checksum, finished_at IS NOT NULL AS finished
       FROM _prisma_migrations ORDER BY started_at`,
    );
    expect(records.map(({ name }) => name)).toEqual(applied);
    for (const record of records) {
      expect(record).toMatchObject({ steps: 1, finished: true, checksum: expect.stringMatching(/^[0-9a-f]{64}$/) });
    }
  });

  test('do so on the embedded server, which is of a newer version, as well', async () => {
    await using data = await makeTempDir('embedded');
    await using embedded = await startEmbeddedServer({ dataDirectory: data.path, log: silent });
    expect(await schemaDifference(embedded.url)).toContain('CREATE TABLE "backup"');
    await applyMigrations(embedded.url, silent);
    expect(await schemaDifference(embedded.url)).toBeUndefined();
    expect(await applyMigrations(embedded.url, silent)).toEqual([]);
  });

  test('are applied once, however often and by however many at once', async () => {
    const url = await emptyDatabase();
    const results = await Promise.all(Array.from({ length: 4 }, () => applyMigrations(url, silent)));
    expect(results.filter((applied) => applied.length > 0)).toHaveLength(1);
    expect(await applyMigrations(url, silent)).toEqual([]);
    expect(await schemaDifference(url)).toBeUndefined();
  });

  test('leave nothing behind when one fails, say why, and go on once it is mended', async () => {
    const url = await emptyDatabase();
    const { path, added } = await migrationsWith('CREATE TABLE half (id int);\nINSERT INTO nowhere VALUES (1);');
    await expect(applyMigrations(url, silent, path)).rejects.toMatchObject({
      code: 'CATALOGUE_MIGRATION',
      message: expect.stringMatching(new RegExp(`${added} failed and was undone: .*"nowhere" does not exist`)),
    });
    expect(await query(url, `SELECT 1 FROM pg_tables WHERE tablename = 'half'`)).toEqual([]);
    await writeFile(`${path}/${added}/migration.sql`, `CREATE TABLE half (note text DEFAULT 'a;b');`);
    expect(await applyMigrations(url, silent, path)).toEqual([added]);
    expect(await applyMigrations(url, silent, path)).toEqual([]);
  });

  test('are refused when one was changed after it was applied', async () => {
    const url = await emptyDatabase();
    const { path, added } = await migrationsWith('CREATE TABLE added (id int);');
    await applyMigrations(url, silent, path);
    await appendFile(`${path}/${added}/migration.sql`, '\n-- changed');
    await expect(applyMigrations(url, silent, path)).rejects.toMatchObject({
      code: 'CATALOGUE_MIGRATION',
      message: expect.stringContaining(`${added} was changed after it was applied`),
    });
  });

  test('are refused when a newer version has migrated the database', async () => {
    const url = await emptyDatabase();
    const { path, added } = await migrationsWith('CREATE TABLE added (id int);');
    await applyMigrations(url, silent, path);
    await expect(applyMigrations(url, silent)).rejects.toMatchObject({
      code: 'CATALOGUE_MIGRATION',
      message: expect.stringContaining(added),
    });
  });

  test('are refused when one was begun and never finished', async () => {
    const url = await emptyDatabase();
    await applyMigrations(url, silent);
    await query(url, 'UPDATE _prisma_migrations SET finished_at = NULL');
    await expect(applyMigrations(url, silent)).rejects.toMatchObject({
      code: 'CATALOGUE_MIGRATION',
      message: expect.stringContaining('begun and never finished'),
    });
  });

  test('are not applied to a database that holds something else', async () => {
    const url = await emptyDatabase();
    await query(url, 'CREATE TABLE somebody_elses (id int)');
    await expect(applyMigrations(url, silent)).rejects.toMatchObject({ code: 'CATALOGUE_MIGRATION' });
    expect(await query(url, `SELECT 1 FROM pg_tables WHERE tablename = 'backup'`)).toEqual([]);
  });

  test('say so when the server can not be reached', async () => {
    const nowhere = applyMigrations('postgresql://ada:geheim@127.0.0.1:1/x', silent);
    await expect(nowhere).rejects.toMatchObject({ code: 'CATALOGUE_UNAVAILABLE' });
    await expect(nowhere).rejects.not.toThrow('geheim');
  });
});
