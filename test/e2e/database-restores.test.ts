import pg from 'pg';
import { expect, test } from 'vitest';
import { startMariadb } from '../support/mariadb-server.ts';
import { makeMysqlShop, mysqlTools } from '../support/mysql-source.ts';
import { startPostgres } from '../support/postgres-server.ts';
import { failureOf, makeRepository, makeWorkload, mutate } from './support/calls.ts';
import { runBackup, runRestore } from './support/runs.ts';
import { startScene } from './support/scene.ts';

async function ask(url: string, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => undefined);
  await client.connect();
  try {
    const results = [await client.query({ text, rowMode: 'array' })].flat();
    return results.at(-1)?.rows.flat() ?? [];
  } finally {
    await client.end();
  }
}

test('a database is backed up by table, previewed, restored, reverted, and one table of it put back', async () => {
  await using server = await startPostgres();
  const url = await server.createDatabase('shop');
  await ask(
    url,
    `CREATE TABLE orders (id int PRIMARY KEY, note text); CREATE TABLE sessions (id int);
     INSERT INTO orders SELECT i, 'note ' || i FROM generate_series(1, 2000) i; INSERT INTO sessions VALUES (1)`,
  );
  await using scene = await startScene();
  const { api, place } = scene;
  const { host, port, user, password } = server;
  const repositoryId = await makeRepository(api, place.join('repository'));
  const configuration = { host, port, user, password, database: 'shop' };
  const workloadId = await makeWorkload(api, 'shop', [{ name: 'orders', plugin: 'postgres', configuration }]);

  const { id: backupId } = await runBackup(api, { workloadId, repositoryId, excludeTableData: ['sessions'] });
  const answer = await api.ask(
    `query ($id: ID!) { backup(id: $id) { excludeTableData tablesIncluded { name rows bytes checksum } } }`,
    { id: backupId },
  );
  expect(answer).toMatchObject({
    backup: {
      excludeTableData: ['sessions'],
      tablesIncluded: [{ name: 'public.orders', rows: '2000', checksum: expect.stringMatching(/^[0-9a-f]{64}$/) }],
    },
  });

  await ask(
    url,
    `UPDATE orders SET note = 'spoilt'; ALTER TABLE orders ADD COLUMN extra int; CREATE TABLE stray (id int)`,
  );
  const whole = { backupId, conflictPolicy: 'OVERWRITE', keepPreviousHours: 1 };
  const fields = 'dropped items { action subject reason rows }';
  expect(await mutate(api, 'previewRestore', whole, 'RestorePreview', fields)).toMatchObject({
    dropped: '1',
    items: expect.arrayContaining([
      expect.objectContaining({ action: 'CHANGE', subject: 'table public.orders', rows: '2000' }),
      expect.objectContaining({ action: 'DROP', subject: 'table public.stray' }),
      expect.objectContaining({ action: 'NOTE' }),
    ]),
  });

  const restore = await runRestore(api, whole);
  expect(restore).toMatchObject({ status: 'SUCCEEDED', error: null });
  expect(await ask(url, `SELECT count(*), to_regclass('stray') FROM orders WHERE note <> 'spoilt'`)).toEqual([
    '2000',
    null,
  ]);
  expect(await mutate(api, 'revertRestore', { id: restore.id }, 'Restore', 'previousUntil revertedAt')).toMatchObject({
    previousUntil: null,
    revertedAt: expect.any(String),
  });
  expect(await ask(url, `SELECT count(*), to_regclass('stray')::text FROM orders WHERE note = 'spoilt'`)).toEqual([
    '2000',
    'stray',
  ]);
  expect(await failureOf(api, 'revertRestore', { id: restore.id })).toMatchObject({ code: 'STATE_CONFLICT' });

  const table = await runRestore(api, { backupId, conflictPolicy: 'OVERWRITE', includeTables: ['public.orders'] });
  expect(table).toMatchObject({ status: 'SUCCEEDED', tablesRestored: 1 });
  expect(await ask(url, `SELECT count(*), to_regclass('stray')::text FROM orders WHERE note <> 'spoilt'`)).toEqual([
    '2000',
    'stray',
  ]);
  const target = { kind: 'SCHEMA', schema: 'then' };
  const beside = await runRestore(api, { backupId, target, includeTables: ['orders'] });
  expect(beside).toMatchObject({ status: 'SUCCEEDED' });
  expect(await ask(url, 'SELECT count(*) FROM "then".orders')).toEqual(['2000']);

  await using other = await startPostgres();
  const elsewhere = { host: other.host, port: other.port, user: other.user, password: other.password };
  const spare = { name: 'spare', plugin: 'postgres', configuration: { ...elsewhere, database: 'postgres' } };
  const spareWorkload = await makeWorkload(api, 'spare', [spare]);
  const { workload } = await api.ask<{ workload: { sources: { id: string }[] } }>(
    'query ($id: ID!) { workload(id: $id) { sources { id } } }',
    { id: spareWorkload },
  );
  const sourceId = workload.sources[0]?.id;
  const moved = await runRestore(api, { backupId, target: { kind: 'DATABASE', database: 'moved', sourceId } });
  expect(moved).toMatchObject({ status: 'SUCCEEDED', error: null });
  expect(await ask(other.url.replace(/postgres$/, 'moved'), 'SELECT count(*) FROM orders')).toEqual(['2000']);
  const misplaced = { backupId, target: { kind: 'IN_PLACE', sourceId } };
  expect(await failureOf(api, 'restoreBackup', misplaced)).toMatchObject({ field: 'target.sourceId' });
}, 180_000);

test('so is one of MariaDB', async () => {
  await using server = await startMariadb();
  await makeMysqlShop(server, 'shop');
  const { ask: askServer } = mysqlTools(server);
  const count = async (): Promise<unknown> =>
    (await askServer('shop', `SELECT COUNT(*) FROM orders WHERE note LIKE 'order%'`))[0]?.[0];
  await using scene = await startScene();
  const { api, place } = scene;
  const { host, port, user, password } = server;
  const repositoryId = await makeRepository(api, place.join('repository'));
  const configuration = { host, port, user, password, database: 'shop' };
  const workloadId = await makeWorkload(api, 'shop', [{ name: 'orders', plugin: 'mysql', configuration }]);
  const { id: backupId } = await runBackup(api, { workloadId, repositoryId, excludeTableData: ['log'] });
  const answer = await api.ask('query ($id: ID!) { backup(id: $id) { tablesIncluded { name rows checksum } } }', {
    id: backupId,
  });
  expect(answer).toMatchObject({
    backup: {
      tablesIncluded: expect.arrayContaining([
        { name: 'orders', rows: '5000', checksum: expect.stringMatching(/^[0-9a-f]{64}$/) },
      ]),
    },
  });

  await askServer('shop', `UPDATE orders SET note = 'spoilt';\nALTER TABLE orders ADD COLUMN extra int`);
  const whole = { backupId, conflictPolicy: 'OVERWRITE', keepPreviousHours: 1 };
  const preview = await mutate(api, 'previewRestore', whole, 'RestorePreview', 'items { action subject reason rows }');
  expect(preview).toMatchObject({
    items: expect.arrayContaining([
      expect.objectContaining({ action: 'CHANGE', subject: 'table orders', rows: '5000' }),
    ]),
  });
  const restore = await runRestore(api, whole);
  expect(restore).toMatchObject({ status: 'SUCCEEDED', error: null });
  expect(await count()).toBe('5000');
  await mutate(api, 'revertRestore', { id: restore.id }, 'Restore', 'revertedAt');
  expect(await count()).toBe('0');

  const table = await runRestore(api, { backupId, conflictPolicy: 'OVERWRITE', includeTables: ['orders'] });
  expect(table).toMatchObject({ status: 'SUCCEEDED', tablesRestored: 1 });
  expect(await count()).toBe('5000');
  const schema = await runRestore(api, { backupId, target: { kind: 'SCHEMA', schema: 'then' } });
  expect(schema).toMatchObject({ status: 'FAILED', error: { code: 'RESTORE_TARGET_UNSUITABLE' } });
}, 120_000);
