import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { makeMysqlShop, mysqlTools, type MysqlTools } from '../../support/mysql-source.ts';
import { entriesOf, testContext } from '../../support/source-harness.ts';
import { waitFor } from '../../support/wait-for.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const ask: MysqlTools['ask'] = (...given) => mysqlTools(server).ask(...given);
const keep: MysqlTools['keep'] = (...given) => mysqlTools(server).keep(...given);
const makeShop = (name: string): Promise<void> => makeMysqlShop(server, name);

describe('a backup of a MariaDB database', () => {
  test('is cut by its key where a table is large, and no row is lost by it', async () => {
    await using own = await startMariadb({ 'innodb-flush-log-at-trx-commit': '2' });
    const tools = mysqlTools(own);
    await tools.ask(
      undefined,
      `CREATE DATABASE large;
USE large;
CREATE TABLE wide (id bigint, at int, note text, PRIMARY KEY (id, at)) STATS_PERSISTENT = 1, STATS_AUTO_RECALC = 0;
INSERT INTO wide SELECT CAST(seq AS SIGNED) - 500, seq, 'note' FROM seq_1_to_20000;
ANALYZE TABLE wide;
UPDATE mysql.innodb_table_stats SET clustered_index_size = 60000 WHERE database_name = 'large'`,
    );
    // It then believes that the rows are longer than they are.
    await own.kill();
    await own.restart();
    const { kept, context } = await tools.keep('large');
    const parts = kept.filter(({ path }) => path.toString().includes('/tables/wide/'));
    expect(parts.length).toBeGreaterThan(5);
    expect(parts.every(({ size }) => size > 0)).toBe(true);
    expect(context.tables.get('wide')).toMatchObject({ rows: 20_000 });
    const target = { kind: 'database', name: 'again' } as const;
    await tools.restore('large', kept, { target, tables: [...context.tables.values()] });
    const sums = 'SELECT COUNT(*), SUM(id), SUM(at), MIN(id), MAX(id) FROM wide';
    expect(await tools.ask('again', sums)).toEqual(await tools.ask('large', sums));

    await tools.ask('large', `INSERT INTO wide SELECT seq + 19500, seq, 'note' FROM seq_1_to_100`);
    const later = await tools.keep('large');
    const same = later.kept.filter(({ content }) => parts.some((part) => part.content.equals(content)));
    expect(same).toHaveLength(parts.length - 1);
  });

  test('waits for a lock no longer than it may, and names who holds it', async () => {
    await makeShop('locked');
    {
      await using holder = await mysqlTools(server).connect('locked');
      await holder.query('LOCK TABLES orders WRITE');
      await expect(keep('locked', {}, { lockTimeoutSeconds: 1 })).rejects.toMatchObject({
        code: 'SOURCE_LOCKED',
        details: { holder: expect.stringMatching(/root@.*connection \d+/) },
      });
    }
    {
      await using holder = await mysqlTools(server).connect();
      await holder.query('BACKUP STAGE START');
      await expect(keep('locked', {}, { lockTimeoutSeconds: 1 })).rejects.toMatchObject({ code: 'SOURCE_LOCKED' });
    }
    expect((await keep('locked')).context.tables.size).toBe(3);
  });

  test.each([
    ['altered', 'ALTER TABLE orders ADD COLUMN late int'],
    ['rebuilt', 'ALTER TABLE orders FORCE'],
    ['dropped', 'DROP TABLE orders'],
    ['emptied', 'TRUNCATE orders'],
    [
      'replaced',
      'CREATE OR REPLACE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, note text NOT NULL, INDEX (note(10)))',
    ],
  ])('fails with the name of a table that is %s while it runs', async (name, statement) => {
    await makeShop(name);
    await ask(name, 'DROP TABLE items');
    await using context = await testContext();
    await using source = await mysqlTools(server).sourceOf(name);
    const reading = async (): Promise<void> => {
      for await (const entry of entriesOf(source.read({}, context))) {
        if (!entry.path.toString().endsWith('orders/000000') || entry.kind !== 'file') continue;
        await ask(name, statement);
        if ('stream' in entry.content) for await (const _ of entry.content.stream(context.signal));
      }
    };
    await expect(reading()).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      details: { reason: expect.stringContaining(`table ${name}.orders was altered, emptied or dropped`) },
    });
  });

  /** A table that does not fit into what the connection and its reader hold on to. */
  const makeLong = (name: string): Promise<unknown> =>
    ask(
      undefined,
      `CREATE DATABASE ${name};\nUSE ${name};\nCREATE TABLE texts (line text);\nINSERT INTO texts SELECT REPEAT('x', 1000) FROM seq_1_to_50000`,
    );

  test('fails the backup, rather than keep half of a table, when the server is gone; stops when it is cancelled', async () => {
    await makeLong('lengthy');
    const stop = new AbortController();
    await using context = await testContext({ signal: stop.signal });
    await using source = await mysqlTools(server).sourceOf('lengthy');
    const read = async (during: () => unknown): Promise<void> => {
      for await (const entry of entriesOf(source.read({}, context))) {
        if (entry.kind !== 'file' || !('stream' in entry.content)) continue;
        for await (const _ of entry.content.stream(context.signal))
          if (entry.path.toString().includes('/tables/')) await during();
      }
    };
    const killOthers = async (): Promise<void> => {
      const ids = await ask(undefined, 'SELECT ID FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID()');
      for (const [id] of ids) await ask(undefined, `KILL ${Number(id)}`).catch(() => undefined);
    };
    await expect(read(killOthers)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      details: { reason: expect.stringContaining('table lengthy.texts') },
    });
    await expect(read(() => stop.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
    const busy =
      "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE ID <> CONNECTION_ID() AND DB IS NULL AND USER = 'root'";
    await waitFor(async () => (await ask(undefined, busy))[0]?.[0] === '0', {
      message: 'the connections to be closed',
    });
  });

  test('lets go of a table whose reader stops early', async () => {
    await makeLong('halfway');
    await using context = await testContext();
    await using source = await mysqlTools(server).sourceOf('halfway');
    const reading = `SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'SELECT%halfway%texts%' AND ID <> CONNECTION_ID()`;
    for await (const entry of entriesOf(source.read({}, context))) {
      if (!entry.path.toString().includes('/texts/') || entry.kind !== 'file' || !('stream' in entry.content)) continue;
      for await (const _ of entry.content.stream(context.signal)) {
        expect(await ask(undefined, reading)).toHaveLength(1);
        break;
      }
      const ended = async (): Promise<boolean> => (await ask(undefined, reading)).length === 0;
      await waitFor(ended, { message: 'the server to be done with the table' });
    }
  });

  test('fails for what the user may not see, with its name, or leaves it out if that is allowed', async () => {
    await makeShop('private');
    await ask(
      undefined,
      `CREATE OR REPLACE USER reader@'%' IDENTIFIED BY 'secret words';
GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON private.* TO reader@'%';
GRANT SELECT ON mysql.proc TO reader@'%'`,
    );
    const access = { user: 'reader', password: 'secret words' };
    expect(await ask(undefined, `SHOW GRANTS FOR reader@'%'`)).not.toContainEqual([expect.stringContaining('RELOAD')]);
    const all = await keep('private', {}, access);
    expect([...all.context.tables.keys()].toSorted()).toEqual(['items', 'log', 'orders']);
    expect(all.context.warnings).toEqual([]);

    await ask(
      undefined,
      `REVOKE SELECT ON private.* FROM reader@'%';
GRANT SELECT ON private.orders TO reader@'%';
GRANT SELECT (id) ON private.items TO reader@'%';
GRANT INSERT ON private.log TO reader@'%';
GRANT SELECT ON private.big_orders TO reader@'%'`,
    );
    await expect(keep('private', {}, access)).rejects.toMatchObject({
      code: 'SOURCE_DENIED',
      details: { subject: 'database private, tables items, log', reason: 'reader lacks the right SELECT' },
    });
    const some = await keep('private', {}, { ...access, allowPartial: true });
    expect([...some.context.tables.keys()]).toEqual(['orders']);
    expect(some.context.warnings.map(({ subject }) => subject)).toEqual(['table private.items', 'table private.log']);

    await ask(undefined, `GRANT SELECT ON private.* TO reader@'%';\nREVOKE TRIGGER ON private.* FROM reader@'%'`);
    await expect(keep('private', {}, access)).rejects.toMatchObject({
      code: 'SOURCE_DENIED',
      details: { reason: expect.stringContaining('lacks the right TRIGGER') },
    });
    await ask(undefined, `GRANT TRIGGER ON private.* TO reader@'%';\nREVOKE SELECT ON mysql.proc FROM reader@'%'`);
    await expect(keep('private', {}, access)).rejects.toMatchObject({
      code: 'SOURCE_DENIED',
      details: { reason: expect.stringContaining('SELECT on mysql.proc') },
    });
    const without = await keep('private', {}, { ...access, allowPartial: true });
    expect(without.context.warnings).toHaveLength(1);
    await expect(mysqlTools(server).restore('private', without.kept, { policy: 'OVERWRITE' })).rejects.toMatchObject({
      code: 'RESTORE_TARGET_UNSUITABLE',
      details: { reason: expect.stringContaining('procedure empty_log') },
    });
    const wrong = keep('private', {}, { ...access, password: 'wrong words' });
    await expect(wrong).rejects.toMatchObject({ code: 'SOURCE_DENIED' });
    await expect(wrong).rejects.not.toThrow('wrong words');
  });

  test('says out loud which tables have no transactions, or stops their writers', async () => {
    await ask(
      undefined,
      'CREATE DATABASE plain;\nCREATE TABLE plain.notes (id int) ENGINE = MyISAM;\nINSERT INTO plain.notes VALUES (1)',
    );
    const loose = await keep('plain');
    expect(loose.context.warnings).toMatchObject([{ code: 'SOURCE_INCONSISTENT', subject: 'table notes' }]);
    await using context = await testContext();
    await using source = await mysqlTools(server).sourceOf('plain', { lockNonTransactional: true });
    let written: Promise<unknown> | undefined;
    for await (const entry of entriesOf(source.read({}, context))) {
      if (entry.path.toString().endsWith('database.json')) written = ask('plain', 'INSERT INTO notes VALUES (2)');
      if (entry.kind === 'file' && 'stream' in entry.content)
        for await (const _ of entry.content.stream(context.signal));
    }
    await written;
    expect(context.warnings).toEqual([]);
    expect(context.tables.get('notes')).toMatchObject({ rows: 1 });
    expect(await ask('plain', 'SELECT COUNT(*) FROM notes')).toEqual([['2']]);
  });

  test('is not half restored when the disk of the server is full', async () => {
    await makeLong('big');
    const { kept } = await keep('big');
    // All tables lie in one file, which may not become larger.
    await using small = await startMariadb({
      'innodb-file-per-table': '0',
      'innodb-data-file-path': 'ibdata1:12M:autoextend:max:24M',
    });
    const tools = mysqlTools(small);
    await tools.ask(
      undefined,
      'CREATE DATABASE big;\nCREATE TABLE big.texts (line text);\nINSERT INTO big.texts VALUES (1)',
    );
    await expect(tools.restore('big', kept, { policy: 'OVERWRITE' })).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      details: { subject: 'table texts', reason: expect.stringContaining('full') },
    });
    expect(await tools.ask('big', 'SELECT line FROM texts')).toEqual([['1']]);
    expect(
      (await tools.ask(undefined, 'SHOW DATABASES')).flat().filter((name) => String(name).startsWith('big')),
    ).toEqual(['big']);
  });
});
