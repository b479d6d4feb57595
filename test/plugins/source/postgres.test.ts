import { spawnSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import postgres from '../../../plugins/source/postgres/index.ts';
import { findTool } from '../../../plugins/source/postgres/tools.ts';
import type { ConflictPolicy, RestoreTarget, Source } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { PostgresServer } from '../../support/postgres-server.ts';
import { bringBack, entriesOf, keepAll, openHost, testContext } from '../../support/source-harness.ts';
import type { KeptEntry, TestContext, Trouble } from '../../support/source-harness.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const inPlace: RestoreTarget = { kind: 'inPlace' };

const sourceOf = (database: string, more: object = {}): Promise<Source> => {
  const { host, port, user, password } = server;
  return postgres.create(postgres.configuration.parse({ host, port, user, password, database, ...more }), openHost);
};

/** Answers of one query, the rows as arrays. */
async function ask(database: string, query: string): Promise<unknown[][]> {
  const { host, port, user, password } = server;
  const client = new pg.Client({ host, port, user, password, database });
  // A restore ends connections; one that has its answer already must not fail the test by that.
  client.on('error', () => undefined);
  await client.connect();
  try {
    const result = await client.query({ text: query, rowMode: 'array' });
    return result.rows;
  } finally {
    await client.end();
  }
}

async function makeShop(name: string): Promise<void> {
  await server.createDatabase(name);
  await ask(
    name,
    `CREATE TABLE orders (id int PRIMARY KEY, note text NOT NULL);
     CREATE TABLE audit_log (id int, line text);
     CREATE SCHEMA "Old Stuff"; CREATE TABLE "Old Stuff"."Orders" (id int);
     INSERT INTO orders SELECT i, 'order ' || i FROM generate_series(1, 5000) i;
     INSERT INTO audit_log SELECT i, md5(i::text) FROM generate_series(1, 2000) i;
     CREATE VIEW big_orders AS SELECT * FROM orders WHERE id > 100;
     SELECT lo_from_bytea(4242, 'large object'); ANALYZE`,
  );
}

async function keep(name: string, selection = {}): Promise<{ kept: KeptEntry[]; context: TestContext }> {
  await using context = await testContext();
  await using source = await sourceOf(name);
  return { kept: await keepAll(source, context, selection), context };
}

interface RestoreOptions {
  target?: RestoreTarget;
  policy?: ConflictPolicy;
  restoreId?: string;
  signal?: AbortSignal;
  trouble?: Trouble;
}

async function restore(name: string, kept: KeptEntry[], options: RestoreOptions = {}): Promise<TestContext> {
  const { target = inPlace, policy = 'FAIL', trouble, ...more } = options;
  await using context = await testContext(more);
  await using source = await sourceOf(name);
  await source.restore(bringBack(kept, trouble), { target, policy }, context);
  return context;
}

const databases = async (): Promise<string[]> =>
  (await ask('postgres', 'SELECT datname FROM pg_database ORDER BY 1')).map(([name]) => String(name));
const leftovers = async (): Promise<string[]> =>
  (await databases()).filter((name) => /_strongroom_|_before_/.test(name));

describe('a PostgreSQL database', () => {
  test('is dumped whole, and comes back under another name', async () => {
    await makeShop('shop');
    const { kept, context } = await keep('shop');
    expect(kept.map((entry) => entry.path.toString())).toEqual(['', 'shop.dump']);
    expect(context.tables.get('public.orders')).toMatchObject({ rows: 5_000 });
    expect([...context.tables.keys()]).toContain('"Old Stuff"."Orders"');

    const restored = await restore('shop', kept, { target: { kind: 'database', name: 'shop copy' } });

    const query = `SELECT count(*), md5(string_agg(o::text, ',' ORDER BY id)), (SELECT convert_from(lo_get(4242), 'UTF8')) FROM orders o`;
    expect(await ask('shop copy', query)).toEqual(await ask('shop', query));
    expect(await ask('shop copy', 'SELECT count(*) FROM big_orders')).toEqual([['4900']]);
    expect(restored.tables.get('public.audit_log')).toMatchObject({ rows: 2_000 });
    expect(await leftovers()).toEqual([]);
  });

  test('is replaced as a whole, with clients connected that come back at once', async () => {
    await makeShop('busy');
    await ask('busy', `ALTER DATABASE busy SET work_mem TO '5MB'; GRANT CONNECT ON DATABASE busy TO pg_monitor`);
    const { kept } = await keep('busy');
    await ask('busy', 'DROP TABLE audit_log; CREATE TABLE stray (id int); UPDATE orders SET note = NULL WHERE false');
    const stop = new AbortController();
    const client = (async () => {
      while (!stop.signal.aborted) await ask('busy', 'SELECT pg_sleep(0.05)').catch(() => []);
    })();

    await restore('busy', kept, { policy: 'OVERWRITE' });

    stop.abort();
    await client;
    expect(await ask('busy', 'SELECT count(*) FROM audit_log')).toEqual([['2000']]);
    expect(await ask('busy', `SELECT to_regclass('stray'), current_setting('work_mem')`)).toEqual([[null, '5MB']]);
    expect(
      await ask('busy', `SELECT datacl::text LIKE '%pg_monitor=c%' FROM pg_database WHERE datname = 'busy'`),
    ).toEqual([[true]]);
    expect(await leftovers()).toEqual([]);
  });

  test('is refused or left where one is that holds tables, and fills an empty one', async () => {
    await makeShop('taken');
    const { kept } = await keep('taken');
    await ask('taken', 'DELETE FROM orders');
    await expect(restore('taken', kept)).rejects.toMatchObject({ code: 'RESTORE_CONFLICT' });
    await restore('taken', kept, { policy: 'SKIP' });
    expect(await ask('taken', 'SELECT count(*) FROM orders')).toEqual([['0']]);
    await server.createDatabase('vacant');
    await restore('taken', kept, { target: { kind: 'database', name: 'vacant' } });
    expect(await ask('vacant', 'SELECT count(*) FROM orders')).toEqual([['5000']]);
  });

  test('stays as it was when the restore fails or is cancelled, and a retry of the same restore goes through', async () => {
    await makeShop('precious');
    const { kept } = await keep('precious');
    await ask('precious', 'DELETE FROM orders WHERE id > 10');
    const count = (): Promise<unknown[][]> => ask('precious', 'SELECT count(*) FROM orders');
    const cut = kept.map((entry) => ({ ...entry, content: entry.content.subarray(0, entry.content.length - 50_000) }));
    await expect(restore('precious', cut, { policy: 'OVERWRITE' })).rejects.toMatchObject({
      code: 'SOURCE_TOOL_FAILED',
    });

    const damage = new StrongroomError('REPOSITORY_DAMAGED', { object: 'packs/x', offset: 3, reason: 'made so' });
    const damaged = (): never => {
      throw damage;
    };
    await expect(restore('precious', kept, { policy: 'OVERWRITE', trouble: damaged })).rejects.toBe(damage);

    const cancel = new AbortController();
    const { signal } = cancel;
    await expect(
      restore('precious', kept, { policy: 'OVERWRITE', signal, trouble: () => cancel.abort() }),
    ).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    expect(await count()).toEqual([['10']]);
    expect(await leftovers()).toEqual([]);

    await restore('precious', kept, { policy: 'OVERWRITE' });
    expect(await count()).toEqual([['5000']]);
    await ask('precious', 'DELETE FROM orders WHERE id = 1');
    await restore('precious', kept, { policy: 'FAIL' });
    expect(await count()).toEqual([['4999']]);
    await expect(restore('precious', kept, { policy: 'FAIL', restoreId: 'another' })).rejects.toMatchObject({
      code: 'RESTORE_CONFLICT',
    });
  });

  test('is restored by a retry when the first attempt was killed', async () => {
    await using scratch = await makeTempDir('scratch');
    await makeShop('killed');
    const { kept } = await keep('killed');
    const { host, port, user, password } = server;
    const input = JSON.stringify({ host, port: String(port), user, password, database: 'killed' });
    const script = `${import.meta.dirname}/../../fixtures/source/dying-postgres-restore.ts`;
    expect(
      spawnSync(process.execPath, [script], {
        env: { TMPDIR: scratch.path, PATH: '/usr/local/bin:/usr/bin:/bin' },
        input,
      }).signal,
    ).toBe('SIGKILL');
    expect(await leftovers()).toHaveLength(1);
    expect(await ask('killed', 'SELECT count(*) FROM orders')).toEqual([['5000']]);
    await ask('killed', 'DELETE FROM orders');

    await restore('killed', kept, { policy: 'OVERWRITE' });

    expect(await ask('killed', 'SELECT count(*) FROM orders')).toEqual([['5000']]);
    expect(await leftovers()).toEqual([]);
  });

  test('is dumped with the tables that the patterns choose', async () => {
    await makeShop('chosen');
    const some = await keep('chosen', { includeTables: ['ord*', '"Old Stuff".*'], excludeTables: ['big_*'] });
    expect([...some.context.tables.keys()].toSorted()).toEqual(['"Old Stuff"."Orders"', 'public.orders']);
    const less = await keep('chosen', { excludeTables: ['public.audit_*'] });
    expect([...less.context.tables.keys()]).not.toContain('public.audit_log');
    await restore('chosen', less.kept, { target: { kind: 'database', name: 'less' } });
    expect(await ask('less', `SELECT to_regclass('audit_log'), (SELECT count(*) FROM orders)`)).toEqual([
      [null, '5000'],
    ]);
    for (const selection of [
      { includeTables: ['nothing_*'] },
      { excludeTables: ['"open'] },
      { includeTables: ['a.b.c'] },
      { includeTables: ['a('] },
    ]) {
      await expect(keep('chosen', selection)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    }
  });

  test('fails the backup, rather than keep half a dump', async () => {
    await makeShop('halved');
    await using context = await testContext();
    await using source = await sourceOf('halved');
    const reading = source.read({}, context)[Symbol.asyncIterator]();
    await reading.next();
    const file = await reading.next();
    expect(file.value?.kind).toBe('file');
    await ask(
      'halved',
      'DROP TABLE orders CASCADE; CREATE FUNCTION broken() RETURNS int LANGUAGE sql AS $$ SELECT 1/0 $$',
    );
    await ask('halved', 'CREATE TABLE poisoned (id int)');
    await ask(
      'halved',
      `UPDATE pg_attribute SET atttypid = 99999 WHERE attrelid = 'poisoned'::regclass AND attname = 'id'`,
    );
    const parts =
      file.value?.kind === 'file' && 'stream' in file.value.content ? file.value.content.stream(context.signal) : [];
    await expect(Array.fromAsync(parts)).rejects.toMatchObject({ code: 'SOURCE_TOOL_FAILED' });
  });

  test('stops its dump when the backup is cancelled', async () => {
    await makeShop('stopped');
    const cancel = new AbortController();
    await using context = await testContext({ signal: cancel.signal });
    await using source = await sourceOf('stopped');
    for await (const entry of entriesOf(source.read({}, context))) {
      if (entry.kind !== 'file' || !('stream' in entry.content)) continue;
      const parts = entry.content.stream(cancel.signal)[Symbol.asyncIterator]();
      await parts.next();
      cancel.abort();
      await expect(Array.fromAsync({ [Symbol.asyncIterator]: () => parts })).rejects.toMatchObject({
        code: 'CANCELLED',
      });
    }
    expect(
      await ask('postgres', `SELECT count(*) FROM pg_stat_activity WHERE datname = 'stopped' AND query LIKE 'COPY%'`),
    ).toEqual([['0']]);
  });

  test('tells what is there, what is wrong, and what a restore would do', async () => {
    await makeShop('told');
    await using context = await testContext();
    await using source = await sourceOf('told');
    await source.check(context);
    const found = await Array.fromAsync(source.discover(context));
    expect(found).toContainEqual(expect.objectContaining({ kind: 'database', name: 'told' }));
    expect(found).toContainEqual(expect.objectContaining({ kind: 'table', name: 'public.orders', rows: 5_000 }));
    const { kept } = await keep('told');
    const preview = (target: RestoreTarget, policy: ConflictPolicy): Promise<unknown[]> =>
      Array.fromAsync(source.preview(bringBack(kept), { target, policy }, context));
    expect(await preview({ kind: 'database', name: 'nowhere' }, 'FAIL')).toMatchObject([
      { action: 'ADD', subject: 'database nowhere' },
    ]);
    expect(await preview(inPlace, 'FAIL')).toContainEqual(
      expect.objectContaining({ action: 'CONFLICT', subject: 'database told' }),
    );
    expect(await preview(inPlace, 'OVERWRITE')).toContainEqual(
      expect.objectContaining({ action: 'CHANGE', subject: 'table public.orders', reason: 'about 5000 rows now' }),
    );

    const wrong = async (more: object): Promise<void> => (await sourceOf('told', more)).check(context);
    await expect(wrong({ password: 'no secret' })).rejects.toMatchObject({ code: 'SOURCE_DENIED' });
    await expect(wrong({ database: 'no_such' })).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
    await expect(wrong({ port: 1 })).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await expect(findTool('pg_dump', 99)).rejects.toMatchObject({ code: 'SOURCE_TOOL_TOO_OLD' });
  });

  test('becomes a plain file in a directory', async () => {
    await makeShop('filed');
    const { kept } = await keep('filed');
    await using place = await makeTempDir('postgres');
    await restore('filed', kept, { target: { kind: 'directory', path: place.join('out') } });
    expect((await readFile(place.join('out/filed.dump'))).subarray(0, 5).toString()).toBe('PGDMP');
  });
});
