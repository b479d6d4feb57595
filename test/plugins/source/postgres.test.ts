import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTool } from '../../../plugins/source/postgres/tools.ts';
import type { ConflictPolicy, PreviewItem, RestoreTarget } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { PostgresServer } from '../../support/postgres-server.ts';
import { postgresTools } from '../../support/postgres-source.ts';
import type { PostgresTools } from '../../support/postgres-source.ts';
import { bringBack, entriesOf, testContext } from '../../support/source-harness.ts';
import type { KeptEntry, TestContext } from '../../support/source-harness.ts';
import { makeTempDir } from '../../support/temp-dir.ts';
import { waitFor } from '../../support/wait-for.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const inPlace: RestoreTarget = { kind: 'inPlace' };

const sourceOf: PostgresTools['sourceOf'] = (...given) => postgresTools(server).sourceOf(...given);
const ask: PostgresTools['ask'] = (...given) => postgresTools(server).ask(...given);
const keep: PostgresTools['keep'] = (...given) => postgresTools(server).keep(...given);
const restore: PostgresTools['restore'] = (...given) => postgresTools(server).restore(...given);

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

const databases = async (): Promise<string[]> =>
  (await ask('postgres', 'SELECT datname FROM pg_database ORDER BY 1')).map(([name]) => String(name));
const leftovers = async (): Promise<string[]> =>
  (await databases()).filter((name) => /_strongroom_|_before_/.test(name));

describe('a PostgreSQL database', () => {
  test('is dumped whole, and comes back under another name', async () => {
    await makeShop('shop');
    const { kept, context } = await keep('shop');
    expect(kept.map((entry) => entry.path.toString())).toEqual([
      '',
      'databases',
      'databases/shop',
      'databases/shop/database.json',
      'databases/shop/large-objects.dump',
      'databases/shop/schema.dump',
      'databases/shop/tables',
      'databases/shop/tables/Old Stuff',
      'databases/shop/tables/Old Stuff/Orders',
      'databases/shop/tables/Old Stuff/Orders/000000',
      'databases/shop/tables/public',
      'databases/shop/tables/public/audit_log',
      'databases/shop/tables/public/audit_log/000000',
      'databases/shop/tables/public/orders',
      'databases/shop/tables/public/orders/000000',
    ]);
    const rows = kept.find(({ path }) => path.toString().endsWith('orders/000000'))?.content ?? Buffer.alloc(0);
    expect(rows.subarray(0, 20).toString()).toBe('1\torder 1\n2\torder 2\n');
    const checksum = createHash('sha256').update(rows).digest('hex');
    expect(context.tables.get('public.orders')).toEqual({
      name: 'public.orders',
      rows: 5_000,
      bytes: rows.length,
      checksum,
    });
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
    await ask(
      'busy',
      'DROP TABLE "Old Stuff"."Orders"; CREATE TABLE stray (id int); UPDATE orders SET note = NULL WHERE false',
    );
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
    const { kept, context } = await keep('precious');
    await ask('precious', 'DELETE FROM orders WHERE id > 10');
    const count = (): Promise<unknown[][]> => ask('precious', 'SELECT count(*) FROM orders');
    const cut = (name: string, length: number): KeptEntry[] =>
      kept.map((entry) =>
        entry.path.toString().endsWith(name)
          ? { ...entry, size: length, content: entry.content.subarray(0, length) }
          : entry,
      );
    const tables = [...context.tables.values()];
    for (const [name, length, code] of [
      ['schema.dump', 1_000, 'SOURCE_TOOL_FAILED'],
      ['large-objects.dump', 500, 'SOURCE_TOOL_FAILED'],
      ['database.json', 100, 'RESTORE_TARGET_UNSUITABLE'],
      ['orders/000000', '1\torder 1\n2\torder 2\n'.length, 'RESTORE_FAILED'],
      ['orders/000000', 13, 'RESTORE_FAILED'],
    ] as const) {
      const failed = restore('precious', cut(name, length), { policy: 'OVERWRITE', tables });
      await expect(failed, `${name} cut`).rejects.toMatchObject({ code });
    }
    const other = kept.map((entry) =>
      entry.path.toString().endsWith('orders/000000')
        ? { ...entry, content: Buffer.from(entry.content.toString().replace('order 7\n', 'order 8\n')) }
        : entry,
    );
    await expect(restore('precious', other, { policy: 'OVERWRITE', tables })).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      details: { reason: expect.stringContaining('checksum') },
    });

    const damage = new StrongroomError('REPOSITORY_DAMAGED', { object: 'packs/x', offset: 3, reason: 'made so' });
    const damaged = (): never => {
      throw damage;
    };
    await expect(restore('precious', kept, { policy: 'OVERWRITE', trouble: damaged })).rejects.toBe(damage);

    const cutOff = async ({ path }: { readonly path: Buffer }): Promise<void> => {
      if (!path.toString().endsWith('orders/000000')) return;
      await ask(
        'postgres',
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname ~ '^precious_strongroom_'`,
      );
    };
    await expect(restore('precious', kept, { policy: 'OVERWRITE', trouble: cutOff })).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
    });

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

  test('is kept when it is replaced, comes back in one step, or is let go of', async () => {
    await makeShop('kept');
    await ask('kept', `COMMENT ON DATABASE kept IS 'the real one'`);
    const { kept } = await keep('kept');
    await ask('kept', 'DELETE FROM orders WHERE id > 10');
    const count = (): Promise<unknown[][]> => ask('kept', 'SELECT count(*) FROM orders');
    const comment = `SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = 'kept'`;

    const first = await restore('kept', kept, { policy: 'OVERWRITE', keepPrevious: true });
    expect(first.previous).toEqual([true]);
    expect(await count()).toEqual([['5000']]);
    expect(await ask('kept', comment)).toEqual([['the real one']]);
    expect(await leftovers()).toEqual([expect.stringMatching(/^kept_before_/)]);

    await using source = await sourceOf('kept');
    await source.revert?.(first.restoreId, first);
    expect(await count()).toEqual([['10']]);
    expect(await leftovers()).toEqual([]);
    await expect(source.revert?.(first.restoreId, first)).rejects.toMatchObject({ code: 'RESTORE_NOT_KEPT' });

    const second = await restore('kept', kept, { policy: 'OVERWRITE', keepPrevious: true, restoreId: 'second' });
    await source.discardPrevious?.(second.restoreId, second);
    await source.discardPrevious?.(second.restoreId, second);
    expect(await count()).toEqual([['5000']]);
    expect(await leftovers()).toEqual([]);
    const third = await restore('kept', kept, { policy: 'OVERWRITE', keepPrevious: true, restoreId: 'third' });
    await restore('kept', kept, { policy: 'OVERWRITE', restoreId: 'fourth' });
    expect(await leftovers()).toHaveLength(1);
    await source.discardPrevious?.(third.restoreId, third);
    expect(await leftovers()).toEqual([]);
    const nothingThere = await restore('kept', kept, {
      target: { kind: 'database', name: 'kept anew' },
      keepPrevious: true,
    });
    expect(nothingThere.previous).toEqual([]);
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

  /** A table that does not fit into what the connection and its reader hold on to. */
  const makeLong = (name: string): Promise<unknown> =>
    ask(name, `CREATE TABLE long AS SELECT i, repeat('x', 1000) AS line FROM generate_series(1, 50000) i`);

  /** Starts to read the long table; calls `then` after its first rows, and reads on. */
  async function readingLong(name: string, context: TestContext, then: () => Promise<unknown>): Promise<void> {
    await using source = await sourceOf(name);
    for await (const entry of entriesOf(source.read({}, context))) {
      if (!entry.path.toString().includes('/long/') || entry.kind !== 'file' || !('stream' in entry.content)) continue;
      const parts = entry.content.stream(context.signal)[Symbol.asyncIterator]();
      await parts.next();
      await then();
      for (let part = await parts.next(); part.done !== true; part = await parts.next());
    }
  }

  test('fails the backup, rather than keep half of a table', async () => {
    await makeShop('halved');
    await makeLong('halved');
    await using context = await testContext();
    const kill = (): Promise<unknown> =>
      ask('postgres', `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'halved'`);
    await expect(readingLong('halved', context, kill)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await ask('halved', `UPDATE pg_attribute SET atttypid = 99999 WHERE attrelid = 'long'::regclass AND attname = 'i'`);
    await expect(keep('halved')).rejects.toMatchObject({ code: 'SOURCE_DAMAGED' });
  });

  test('stops its copies when the backup is cancelled', async () => {
    await makeShop('stopped');
    await makeLong('stopped');
    const cancel = new AbortController();
    await using context = await testContext({ signal: cancel.signal });
    const reading = readingLong('stopped', context, async () => cancel.abort());
    await expect(reading).rejects.toMatchObject({ code: 'CANCELLED' });
    const left = `SELECT count(*) FROM pg_stat_activity WHERE datname = 'stopped'`;
    await waitFor(async () => (await ask('postgres', left))[0]?.[0] === '0', { message: 'the connections to end' });
  });

  test('tells what is there, what is wrong, and what a restore would do', async () => {
    await makeShop('told');
    await using context = await testContext();
    await using source = await sourceOf('told');
    await source.check(context);
    const found = await Array.fromAsync(source.discover(context));
    expect(found).toContainEqual(expect.objectContaining({ kind: 'database', name: 'told' }));
    expect(found).toContainEqual(expect.objectContaining({ kind: 'table', name: 'public.orders', rows: 5_000 }));
    const { kept, context: backedUp } = await keep('told');
    await ask(
      'told',
      `ALTER TABLE orders ADD COLUMN extra int; ALTER TABLE audit_log ALTER COLUMN id TYPE bigint; DELETE FROM orders WHERE id > 4990;
       DROP TABLE "Old Stuff"."Orders"; CREATE TABLE stray (id int); ANALYZE`,
    );
    const tables = [...backedUp.tables.values()];
    const preview = (target: RestoreTarget, policy: ConflictPolicy, exactRows = false): Promise<PreviewItem[]> =>
      Array.fromAsync(source.preview(bringBack(kept), { target, policy, tables, exactRows }, context));
    const of = (items: PreviewItem[], subject: string): PreviewItem | undefined =>
      items.find((item) => item.subject === subject);

    const nowhere = await preview({ kind: 'database', name: 'nowhere' }, 'FAIL');
    expect(nowhere[0]).toMatchObject({ action: 'ADD', subject: 'database nowhere' });
    expect(of(nowhere, 'table public.orders')).toMatchObject({ action: 'ADD', rows: 5_000 });

    await using _client = await postgresTools(server).connect('told', 'an application');
    const replaced = await preview(inPlace, 'OVERWRITE');
    expect(of(replaced, 'database told')).toMatchObject({ action: 'CHANGE' });
    expect(replaced.filter(({ action }) => action === 'NOTE').map(({ reason }) => reason)).toEqual([
      expect.stringMatching(/^the restore takes about \d+ MB on the server/),
      expect.stringContaining('an application'),
    ]);
    expect(of(replaced, 'table public.orders')).toEqual({
      action: 'CHANGE',
      subject: 'table public.orders',
      bytes: 0,
      rows: 5_000,
      rowsNow: 4_990,
      reason: '5,000 rows in the backup; about 4,990 rows now; column extra was added since',
    });
    expect(of(replaced, 'table public.audit_log')).toMatchObject({
      reason: expect.stringContaining('; column id was integer and is bigint'),
    });
    expect(of(replaced, 'table "Old Stuff"."Orders"')).toMatchObject({ action: 'ADD', reason: '0 rows in the backup' });
    expect(of(replaced, 'table public.stray')).toMatchObject({ action: 'DROP' });
    expect(of(replaced, 'view public.big_orders')).toMatchObject({ action: 'CHANGE' });

    await ask('told', 'DELETE FROM orders WHERE id > 4900');
    expect(of(await preview(inPlace, 'OVERWRITE', true), 'table public.orders')).toMatchObject({ rowsNow: 4_900 });
    expect(of(await preview(inPlace, 'FAIL'), 'database told')).toMatchObject({ action: 'CONFLICT' });
    expect(of(await preview(inPlace, 'SKIP'), 'table public.orders')).toMatchObject({ action: 'KEEP' });

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
    const folder = place.join('out/databases/filed');
    expect((await readFile(`${folder}/schema.dump`)).subarray(0, 5).toString()).toBe('PGDMP');
    expect(await readFile(`${folder}/tables/public/audit_log/000000`, 'utf8')).toMatch(/^1\t[0-9a-f]{32}\n2\t/);
  });
});
