import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { startEmbeddedServer } from '../../../src/catalogue/embedded-server.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { postgresTools } from '../../support/postgres-source.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';

const ROWS = `CREATE TABLE orders (id int PRIMARY KEY, note text NOT NULL);
  INSERT INTO orders SELECT i, repeat('x', 1000) FROM generate_series(1, 20000) i`;

const FEATURES = join(import.meta.dirname, '../../fixtures/source/postgres-features.sql');

const LEFTOVERS = `SELECT datname FROM pg_database WHERE datname ~ '_strongroom_|_before_'`;

test('a database is whole when the server is gone in the middle of the exchange, and a retry goes through', async () => {
  await using server = await startPostgres({ fsync: 'on' });
  const { ask, keep, restore, connect } = postgresTools(server);
  await server.createDatabase('cut');
  await ask('cut', ROWS);
  const { kept } = await keep('cut');
  await ask('cut', 'DELETE FROM orders WHERE id > 10; CHECKPOINT');
  {
    await using holder = await connect('postgres', 'the holder');
    // Renames wait for it; it comes when all databases are made already.
    const hold = async ({ path }: { readonly path: Buffer }): Promise<void> => {
      if (path.toString().endsWith('orders/000000')) await holder.query('BEGIN; LOCK TABLE pg_database IN SHARE MODE');
    };
    const ended = restore('cut', kept, { policy: 'OVERWRITE', trouble: hold }).catch((error: unknown) => error);
    const renaming = `SELECT FROM pg_stat_activity WHERE query LIKE 'ALTER DATABASE%RENAME%' AND wait_event_type = 'Lock'`;
    await waitFor(async () => (await ask('postgres', renaming)).length > 0, { message: 'the exchange to begin' });
    await server.kill();
    expect(await ended).toMatchObject({ code: expect.stringMatching(/SOURCE_UNAVAILABLE|RESTORE_FAILED/) });
  }
  await server.restart();
  expect(await ask('cut', 'SELECT count(*) FROM orders')).toEqual([['10']]);
  await restore('cut', kept, { policy: 'OVERWRITE' });
  expect(await ask('cut', 'SELECT count(*), min(length(note)) FROM orders')).toEqual([['20000', 1000]]);
  expect(await ask('postgres', LEFTOVERS)).toEqual([]);
}, 90_000);

test('a database is not half restored when the disk of the server is full', async () => {
  await using server = await startPostgres();
  await server.createDatabase('big');
  await postgresTools(server).ask('big', ROWS);
  const { kept } = await postgresTools(server).keep('big');

  // A segment of the log is the longest file that the server needs.
  await using small = await startPostgres({}, { mostFileBytes: 17 * 2 ** 20 });
  const { ask, restore } = postgresTools(small);
  await small.createDatabase('big');
  await ask('big', 'CREATE TABLE orders (id int PRIMARY KEY); INSERT INTO orders VALUES (1)');
  await expect(restore('big', kept, { policy: 'OVERWRITE' })).rejects.toMatchObject({
    code: 'RESTORE_FAILED',
    details: { subject: 'table public.orders', reason: expect.stringContaining('could not extend file') },
  });
  expect(await ask('big', 'SELECT * FROM orders')).toEqual([[1]]);
  expect(await ask('postgres', LEFTOVERS)).toEqual([]);
}, 90_000);

test('a value of 50 MB, and rows that hold it twice, come back', async () => {
  await using server = await startPostgres();
  const { ask, keep, restore } = postgresTools(server);
  await server.createDatabase('giants');
  await ask(
    'giants',
    `CREATE TABLE giants (id int PRIMARY KEY, bytes bytea, text text);
     INSERT INTO giants SELECT 1, decode(repeat('00ff5c09', 13107200), 'hex'), repeat(E'\\\\\\n\\tü', 10000000);
     INSERT INTO giants SELECT 2, bytes, NULL FROM giants`,
  );
  const sums = 'SELECT id, length(bytes), md5(bytes), length(text), md5(text) FROM giants ORDER BY id';
  const { kept, context } = await keep('giants');
  const target = { kind: 'database', name: 'again' } as const;
  await restore('giants', kept, { target, tables: [...context.tables.values()] });
  const [first] = await ask('giants', sums);
  expect(first?.[1]).toBe(52_428_800);
  expect(await ask('again', sums)).toEqual(await ask('giants', sums));
}, 90_000);

test('an old backup goes onto a server of a newer version, whose own programs are not here', async () => {
  await using server = await startPostgres();
  const { ask, keep, restore } = postgresTools(server);
  await server.createDatabase('old');
  await ask('old', await readFile(FEATURES, 'utf8'));
  const { kept, context } = await keep('old', {}, { roles: true });
  await using data = await makeTempDir('newer');
  await using newer = await startEmbeddedServer({ dataDirectory: data.path, log: () => undefined });
  const { hostname: host, port, username: user, password } = new URL(newer.url);
  const configuration = { host, port: Number(port), user, password: decodeURIComponent(password) };
  const tables = [...context.tables.values()];
  await restore('old', kept, { tables, configuration });
  const url = new URL(newer.url);
  url.pathname = '/old';
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  const { rows } = await client.query<{ version: number; tables: string }>(
    `SELECT current_setting('server_version_num')::int AS version, (SELECT count(*) FROM pg_tables WHERE schemaname !~ '^pg_|^information') AS tables`,
  );
  await client.end();
  const [there] = await ask('old', `SELECT count(*) FROM pg_tables WHERE schemaname !~ '^pg_|^information'`);
  expect(rows[0]?.tables).toBe(there?.[0]);
  expect(rows[0]?.version).toBeGreaterThan(160_000);
}, 90_000);
