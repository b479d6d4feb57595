import { chown, mkdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findTables, measureTables } from '../../../plugins/source/postgres/found-tables.ts';
import { partsOf } from '../../../plugins/source/postgres/parts.ts';
import { withClient } from '../../../plugins/source/postgres/connection.ts';
import { copyOut } from '../../../plugins/source/postgres/copy-out.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { PostgresServer } from '../../support/postgres-server.ts';
import { postgresTools } from '../../support/postgres-source.ts';
import type { PostgresTools } from '../../support/postgres-source.ts';
import { entriesOf, keepAll, testContext } from '../../support/source-harness.ts';
import type { KeptEntry } from '../../support/source-harness.ts';
import { waitFor } from '../../support/wait-for.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres({ max_locks_per_transaction: '128' });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const ask: PostgresTools['ask'] = (...given) => postgresTools(server).ask(...given);
const keep: PostgresTools['keep'] = (...given) => postgresTools(server).keep(...given);

const rowsOf = (kept: readonly KeptEntry[], table: string): string =>
  kept
    .filter(({ path }) => path.toString().includes(`/${table}/0`))
    .map(({ content }) => content.toString())
    .join('');

describe('a backup of PostgreSQL', () => {
  test('sees one moment, while others write', async () => {
    await server.createDatabase('bank');
    await ask(
      'bank',
      `CREATE TABLE a (id int PRIMARY KEY, amount int NOT NULL); CREATE TABLE b (LIKE a INCLUDING ALL); CREATE TABLE c (LIKE a INCLUDING ALL);
       INSERT INTO a SELECT i, 1000 FROM generate_series(1, 2000) i; INSERT INTO b SELECT * FROM a; INSERT INTO c SELECT * FROM a`,
    );
    const stop = new AbortController();
    const transfer = async (from: string, to: string, number: number): Promise<number> => {
      await using client = await postgresTools(server).connect('bank');
      let count = 0;
      for (; !stop.signal.aborted; count++) {
        // Each has rows of its own: in a circle they would wait for each other.
        const id = 1 + ((3 * count + number) % 1998);
        await client.query(
          `BEGIN; UPDATE ${from} SET amount = amount - 7 WHERE id = ${id}; UPDATE ${to} SET amount = amount + 7 WHERE id = ${id}; COMMIT`,
        );
      }
      return count;
    };
    const writers = [transfer('a', 'b', 0), transfer('b', 'c', 1), transfer('c', 'a', 2)];
    for (let round = 0; round < 3; round++) {
      const { kept } = await keep('bank', {}, { connections: 3 });
      const sum = ['a', 'b', 'c']
        .flatMap((table) => rowsOf(kept, table).trimEnd().split('\n'))
        .reduce((total, line) => total + Number(line.split('\t')[1]), 0);
      expect(sum).toBe(3 * 2000 * 1000);
    }
    stop.abort();
    for (const written of await Promise.all(writers)) expect(written).toBeGreaterThan(0);
  }, 60_000);

  test('cuts large tables by pages, and loses no row by it', async () => {
    await server.createDatabase('large');
    await ask(
      'large',
      `CREATE TABLE long (id int, line text); INSERT INTO long SELECT i, md5(i::text) FROM generate_series(1, 100000) i`,
    );
    const { host, port, user, password } = server;
    const access = {
      host,
      port,
      user,
      password,
      sslMode: 'disable',
      database: 'large',
      sslRootCertificate: undefined,
    } as const;
    const all = { ...access, maintenanceDatabase: 'postgres', connections: 2, lockTimeoutSeconds: 5 };
    await withClient(all, 'large', async (client) => {
      const [table] = await measureTables(client, await findTables(client, {}), () => true);
      if (table === undefined) throw new Error('The table is not there.');
      // As if each of its pages took far more room.
      const parts = partsOf({ ...table, bytes: 3e9 }, 15, 'UTF8');
      expect(parts.length).toBeGreaterThan(10);
      const whole = partsOf(table, 15, 'UTF8');
      expect(whole).toHaveLength(1);
      expect(partsOf({ ...table, bytes: 3e9 }, 13, 'UTF8')).toHaveLength(1);
      const texts: string[] = [];
      for (const { statement } of [...parts, ...whole]) {
        const pieces: Buffer[] = [];
        for await (const piece of copyOut(client, statement, new AbortController().signal))
          pieces.push(Buffer.from(piece));
        texts.push(Buffer.concat(pieces).toString());
      }
      const lines = texts.slice(0, -1).join('').split('\n');
      expect(lines).toHaveLength(100_001);
      expect(lines.toSorted()).toEqual(texts.at(-1)?.split('\n').toSorted());
    });
  });

  test('waits for a lock no longer than it may, and names who holds it', async () => {
    await server.createDatabase('locked');
    await ask('locked', 'CREATE TABLE precious (id int)');
    await using holder = await postgresTools(server).connect('locked', 'the holder');
    await holder.query('BEGIN; LOCK TABLE precious');
    await expect(keep('locked', {}, { lockTimeoutSeconds: 1 })).rejects.toMatchObject({
      code: 'SOURCE_LOCKED',
      details: { subject: expect.stringContaining('precious'), holder: expect.stringContaining('the holder') },
    });
    const cancel = new AbortController();
    await using context = await testContext({ signal: cancel.signal });
    await using source = await postgresTools(server).sourceOf('locked');
    const waiting = keepAll(source, context);
    const asked = `SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'precious'::regclass`;
    await waitFor(async () => (await ask('locked', asked))[0]?.[0] === '1', { message: 'the backup to wait' });
    cancel.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'CANCELLED' });
    await holder.query('ROLLBACK');
    expect(rowsOf((await keep('locked')).kept, 'precious')).toBe('');
  });

  test('goes on while somebody waits to alter a table that it has not come to yet', async () => {
    await server.createDatabase('altered');
    await ask(
      'altered',
      `CREATE TABLE first (id int); CREATE TABLE second (id int); INSERT INTO second SELECT generate_series(1, 10)`,
    );
    await using context = await testContext();
    await using source = await postgresTools(server).sourceOf('altered');
    await using other = await postgresTools(server).connect('altered', 'the other');
    let altering: Promise<unknown> | undefined;
    const kept: string[] = [];
    for await (const entry of entriesOf(source.read({}, context))) {
      const path = entry.path.toString();
      if (path.endsWith('/second') && altering === undefined) {
        altering = other.query('ALTER TABLE second ADD COLUMN late int');
        const waiting = `SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'second'::regclass`;
        await waitFor(async () => (await ask('altered', waiting))[0]?.[0] === '1', { message: 'the other to wait' });
      }
      if (!path.includes('/second/') || entry.kind !== 'file' || !('stream' in entry.content)) continue;
      for await (const piece of entry.content.stream(context.signal)) kept.push(Buffer.from(piece).toString());
    }
    expect(kept.join('')).toBe('1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n');
    await altering;
  });

  test('fails for a table that the user may not read, with its name, or leaves it out if that is allowed', async () => {
    await server.createDatabase('private');
    await ask(
      'private',
      `CREATE TABLE open (id int); CREATE TABLE closed (id int); CREATE TABLE hidden (id int);
       ALTER TABLE hidden ENABLE ROW LEVEL SECURITY; INSERT INTO open VALUES (1);
       CREATE VIEW unseen AS SELECT * FROM closed; CREATE SEQUENCE counter;
       CREATE ROLE reader LOGIN PASSWORD 'reads'; GRANT SELECT ON open, hidden TO reader`,
    );
    const reader = { user: 'reader', password: 'reads' };
    await expect(keep('private', {}, reader)).rejects.toMatchObject({
      code: 'SOURCE_DENIED',
      details: { subject: expect.stringMatching(/public\.closed, public\.hidden/) },
    });
    const { kept, context } = await keep('private', {}, { ...reader, allowPartial: true });
    expect(context.warnings.map(({ code, subject }) => [code, subject])).toEqual([
      ['SOURCE_DENIED', 'public.closed'],
      ['SOURCE_DENIED', 'public.hidden'],
      ['SOURCE_DENIED', 'sequence public.counter'],
    ]);
    expect([...context.tables.keys()]).toEqual(['public.open']);
    expect(rowsOf(kept, 'open')).toBe('1\n');
    const others = { excludeTables: ['closed', 'hidden'] };
    await expect(keep('private', others, reader)).rejects.toMatchObject({
      details: { subject: expect.stringContaining('sequence public.counter') },
    });
    await ask('private', 'GRANT SELECT ON counter TO reader');
    await expect(keep('private', others, reader)).resolves.toBeDefined();
  });

  test('takes definitions without rows where that is asked for', async () => {
    await server.createDatabase('emptied');
    await ask('emptied', 'CREATE TABLE session AS SELECT 1 AS id; CREATE TABLE account AS SELECT 2 AS id');
    const { kept, context } = await keep('emptied', { excludeTableData: ['sess*'] });
    expect([...context.tables.keys()]).toEqual(['public.account']);
    await postgresTools(server).restore('emptied', kept, { target: { kind: 'database', name: 'refilled' } });
    expect(await ask('refilled', 'SELECT (SELECT count(*) FROM session), (SELECT count(*) FROM account)')).toEqual([
      ['0', '1'],
    ]);
  });

  test('takes the databases that patterns choose, those made later among them', async () => {
    for (const name of ['many_a', 'many_b', 'many_scratch']) {
      await server.createDatabase(name);
      await ask(name, `CREATE TABLE here AS SELECT '${name}' AS name`);
    }
    const choice = { database: undefined, databases: ['many_?*'], excludeDatabases: ['*scratch'] };
    const first = await keep('', {}, choice);
    expect([...first.context.tables.keys()]).toEqual(['many_a.public.here', 'many_b.public.here']);
    await server.createDatabase('many_c/d');
    await ask('many_c/d', 'CREATE TABLE here AS SELECT 1 AS id');
    await using context = await testContext();
    await using source = await postgresTools(server).sourceOf('', choice);
    const kept = await keepAll(source, context);
    expect([...context.tables.keys()]).toContain('many_c/d.public.here');
    await ask('many_a', 'DROP TABLE here');
    const tables = [...context.tables.values()];
    await postgresTools(server).restore('', kept, { policy: 'OVERWRITE', tables, configuration: choice });
    expect(await ask('many_a', 'SELECT name FROM here')).toEqual([['many_a']]);
    expect(await ask('many_b', 'SELECT name FROM here')).toEqual([['many_b']]);
    const none = { ...choice, databases: ['no such*'] };
    await expect(keep('', {}, none)).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
  });

  test('holds 5,000 tables', async () => {
    await server.createDatabase('crowd');
    await ask(
      'crowd',
      `DO $$ BEGIN FOR i IN 1..5000 LOOP EXECUTE format('CREATE TABLE t%s AS SELECT %s AS id', i, i); END LOOP; END $$`,
    );
    const { context, kept } = await keep('crowd');
    expect(context.tables.size).toBe(5_000);
    expect(context.expected.items).toBe(5_002);
    expect(rowsOf(kept, 't4711')).toBe('4711\n');
  }, 120_000);

  test('reaches the server by a Unix socket, or by TLS whose certificate it checks', async () => {
    await using secure = await startPostgres({}, { tls: true });
    const name = new URL(await secure.createDatabase('secure')).pathname.slice(1);
    const { sourceOf } = postgresTools(secure);
    await using context = await testContext();
    const verified = { sslMode: 'verify-full', host: 'localhost', sslRootCertificate: secure.certificate };
    await (await sourceOf(name, verified)).check(context);
    expect((await postgresTools(secure).keep(name, {}, verified)).kept.length).toBeGreaterThan(3);
    await expect(
      (await sourceOf(name, { ...verified, sslRootCertificate: undefined })).check(context),
    ).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      details: { reason: expect.stringContaining('self-signed') },
    });
    await (await sourceOf(name, { host: secure.socketDirectory, sslMode: 'disable' })).check(context);
  }, 60_000);

  test('takes the roles of the server along if wished, and goes to a server without them or their tablespaces', async () => {
    await using other = await startPostgres();
    await server.createDatabase('owned');
    const place = join(server.socketDirectory, 'elsewhere');
    await mkdir(place);
    const { uid, gid } = await stat(server.socketDirectory);
    await chown(place, uid, gid);
    await ask('postgres', `CREATE TABLESPACE elsewhere LOCATION '${place}'`);
    await ask(
      'owned',
      `CREATE ROLE staff NOLOGIN; CREATE ROLE "Shop Keeper" LOGIN PASSWORD 'opens' CONNECTION LIMIT 7 IN ROLE staff;
       ALTER ROLE "Shop Keeper" SET search_path TO "$user", shop; ALTER ROLE staff SET work_mem = '7MB';
       CREATE SCHEMA shop AUTHORIZATION "Shop Keeper"; CREATE TABLE shop.till (id int) TABLESPACE elsewhere;
       ALTER TABLE shop.till OWNER TO "Shop Keeper"; GRANT SELECT ON shop.till TO staff; INSERT INTO shop.till VALUES (42)`,
    );
    const { kept, context } = await keep('owned', {}, { roles: true });
    expect(kept[1]?.path.toString()).toBe('cluster.json');
    const there = postgresTools(other);
    const restored = await there.restore('owned', kept, { tables: [...context.tables.values()] });
    // Its folder is in use by the first server.
    const missing = { code: 'RESTORE_ATTRIBUTE', subject: 'tablespace elsewhere' };
    expect(restored.warnings).toMatchObject([missing, missing]);
    const asKeeper = new pg.Client({
      host: other.host,
      port: other.port,
      user: 'Shop Keeper',
      password: 'opens',
      database: 'owned',
    });
    await asKeeper.connect();
    const { rows } = await asKeeper.query(
      `SELECT id, (SELECT tableowner FROM pg_tables WHERE tablename = 'till') AS owner, current_setting('search_path') AS path,
              pg_has_role('staff', 'MEMBER') AS staff, (SELECT rolconnlimit FROM pg_roles WHERE rolname = current_user) AS most FROM till`,
    );
    await asKeeper.end();
    expect(rows).toEqual([{ id: 42, owner: 'Shop Keeper', path: '"$user", shop', staff: true, most: 7 }]);
    const twice = { policy: 'OVERWRITE', restoreId: 'again' } as const;
    expect((await there.restore('owned', kept, twice)).tables.size).toBe(1);

    await ask('postgres', 'DROP DATABASE owned');
    await ask('postgres', 'DROP TABLESPACE elsewhere');
    const thrice = await there.restore('owned', kept, { policy: 'OVERWRITE', restoreId: 'with its place' });
    expect(thrice.warnings).toEqual([]);
    expect(await there.ask('owned', `SELECT tablespace FROM pg_tables WHERE tablename = 'till'`)).toEqual([
      ['elsewhere'],
    ]);
    // The folder goes with the server that it belongs to.
    await there.ask('postgres', 'DROP DATABASE owned');
    await there.ask('postgres', 'DROP TABLESPACE elsewhere');
  }, 60_000);
});
