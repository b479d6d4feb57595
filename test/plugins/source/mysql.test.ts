import { writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { PreviewItem } from '../../../src/contracts/index.ts';
import { startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { makeMysqlShop, mysqlTools, type MysqlTools } from '../../support/mysql-source.ts';
import { bringBack, testContext } from '../../support/source-harness.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const ask: MysqlTools['ask'] = (...given) => mysqlTools(server).ask(...given);
const keep: MysqlTools['keep'] = (...given) => mysqlTools(server).keep(...given);
const makeShop = (name: string): Promise<void> => makeMysqlShop(server, name);
const restore: MysqlTools['restore'] = (...given) => mysqlTools(server).restore(...given);

const databases = async (): Promise<string[]> => (await ask(undefined, 'SHOW DATABASES')).map(([name]) => String(name));
const leftovers = async (): Promise<string[]> =>
  (await databases()).filter((name) => /_strongroom_|_before_/.test(name));

describe('a MariaDB database', () => {
  test('is read table by table, and comes back under another name', async () => {
    await makeShop('shop');
    const { kept, context } = await keep('shop');
    expect(kept.map((entry) => entry.path.toString())).toEqual([
      '',
      'databases',
      'databases/shop',
      'databases/shop/database.json',
      'databases/shop/schema.sql',
      'databases/shop/tables',
      'databases/shop/tables/items',
      'databases/shop/tables/items/000000',
      'databases/shop/tables/log',
      'databases/shop/tables/log/000000',
      'databases/shop/tables/orders',
      'databases/shop/tables/orders/000000',
    ]);
    const rowsOf = new Map([...context.tables.values()].map(({ name, rows }) => [name, rows]));
    expect(rowsOf).toEqual(
      new Map([
        ['items', 2000],
        ['log', 0],
        ['orders', 5000],
      ]),
    );
    const tables = [...context.tables.values()];
    const back = await restore('shop', kept, { target: { kind: 'database', name: 'copy' }, tables });
    expect(back.tables).toEqual(context.tables);
    expect(await ask('copy', 'SELECT COUNT(*), MAX(note) FROM orders')).toEqual([['5000', 'order 999']]);
    expect(await ask('copy', 'SELECT COUNT(*) FROM big_orders')).toEqual([['4900']]);
    await ask('copy', `INSERT INTO orders (note) VALUES ('new')`);
    expect(await ask('copy', 'SELECT what FROM log')).toEqual([['inserted']]);
    expect(await leftovers()).toEqual([]);
  });

  test('is read as far as patterns say', async () => {
    await makeShop('chosen');
    const some = await keep('chosen', { includeTables: ['o*', 'chosen.items'], excludeTables: ['big_*'] });
    expect([...some.context.tables.keys()].toSorted()).toEqual(['items', 'orders']);
    const less = await keep('chosen', { excludeTables: ['lo?'], excludeTableData: ['items'] });
    expect([...less.context.tables.keys()]).toEqual(['orders']);
    await restore('chosen', less.kept, { target: { kind: 'database', name: 'less' } });
    expect((await ask('less', 'SHOW TABLES')).flat()).toEqual(['big_orders', 'items', 'orders']);
    expect(await ask('less', 'SELECT COUNT(*) FROM items')).toEqual([['0']]);
    await expect(restore('chosen', less.kept, { policy: 'OVERWRITE' })).rejects.toMatchObject({
      code: 'RESTORE_TARGET_UNSUITABLE',
      details: { reason: expect.stringContaining('table log') },
    });
    for (const selection of [
      { includeTables: ['nothing_*'] },
      { excludeTables: ['`open'] },
      { includeTables: ['a.b.c'] },
      { excludeTableData: ['other.orders'] },
    ]) {
      await expect(keep('chosen', selection)).rejects.toMatchObject({ code: 'INPUT_INVALID' });
    }
  });

  test('keeps values of enumerations whose words the server can not write', async () => {
    await ask(
      undefined,
      `CREATE DATABASE words CHARACTER SET utf8mb4;
CREATE TABLE words.moods (id int PRIMARY KEY, e enum('a', '\u{1F600}', 'b') CHARACTER SET utf8mb4, s set('\u{1F600}', 'b') CHARACTER SET utf8mb4);
INSERT INTO words.moods VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, NULL, NULL), (5, 2, 0)`,
    );
    const { kept, context } = await keep('words');
    const tables = [...context.tables.values()];
    await restore('words', kept, { target: { kind: 'database', name: 'words_again' }, tables });
    const numbers = 'SELECT id, e + 0, s + 0 FROM moods ORDER BY id';
    expect(await ask('words_again', numbers)).toEqual(await ask('words', numbers));
  });

  test('is a script and files that a person can load with the client of the server alone', async () => {
    await makeShop('manual');
    await ask(
      'manual',
      `CREATE VIEW a_first AS SELECT * FROM z_last;
CREATE OR REPLACE VIEW z_last AS SELECT id, note FROM orders`
        .split(';\n')
        .toReversed()
        .join(';\n'),
    );
    await ask(
      'manual',
      'CREATE PROCEDURE twice(OUT n int) BEGIN DECLARE m int; SELECT COUNT(*) INTO m FROM orders; SET n = 2 * m; END',
    );
    const { kept } = await keep('manual');
    await using scratch = await makeTempDir('manual');
    const contentOf = (end: string): Buffer =>
      kept.find(({ path }) => path.toString().endsWith(end))?.content ?? Buffer.alloc(0);
    const file = scratch.join('orders');
    await writeFile(file, contentOf('tables/orders/000000'));
    await using own = await startMariadb();
    const script = contentOf('schema.sql').toString();
    const words = /-- (LOAD DATA [^;]+);/.exec(script)?.[1] ?? '';
    const load = words.replace('<file>', file).replace('<table>', 'orders').replace('<columns>', 'id, note');
    const access = ['--no-defaults', `--socket=${own.socket}`, `--user=${own.user}`, '--local-infile=1'];
    await execa('mariadb', access, { input: `${script}${load};\n`, env: { MYSQL_PWD: own.password } });
    const tools = mysqlTools(own);
    expect(await tools.ask('manual', 'SELECT COUNT(*), MAX(note) FROM a_first')).toEqual([['5000', 'order 999']]);
    expect(await tools.ask('manual', 'CALL twice(@n);\nSELECT @n')).toEqual([['10000']]);
    expect(await tools.ask('manual', 'SHOW TRIGGERS')).toHaveLength(1);
  });

  test('takes the users of the server along if wished, and makes those that are missing', async () => {
    await makeShop('owned');
    await ask(
      undefined,
      `CREATE ROLE clerks;
GRANT SELECT ON owned.orders TO clerks;
CREATE USER clerk@'10.%' IDENTIFIED BY 'secret words';
GRANT clerks TO clerk@'10.%';
SET DEFAULT ROLE clerks FOR clerk@'10.%';
GRANT INSERT (note) ON owned.orders TO clerk@'10.%';
CREATE USER 'o''brien'@'%'`,
    );
    const { kept } = await keep('owned', {}, { users: true });
    const grants = async (): Promise<unknown[]> => [
      await ask(undefined, `SHOW GRANTS FOR clerk@'10.%'`),
      await ask(undefined, 'SHOW GRANTS FOR clerks'),
      await ask(undefined, `SHOW CREATE USER 'o''brien'@'%'`),
    ];
    const before = await grants();
    await ask(undefined, `DROP USER clerk@'10.%', 'o''brien'@'%';\nDROP ROLE clerks`);
    await restore('owned', kept, { policy: 'OVERWRITE' });
    expect(await grants()).toEqual(before);
    await restore('owned', kept, { policy: 'OVERWRITE' });

    await using other = await startMariadb();
    const tools = mysqlTools(other);
    await tools.restore('owned', kept);
    expect(await tools.ask(undefined, `SHOW GRANTS FOR clerk@'10.%'`)).toEqual(before[0]);
    expect(await tools.ask(undefined, 'SHOW GRANTS FOR clerks')).toEqual(before[1]);
  });

  test('tells what is there, what is wrong, and what a restore would do', async () => {
    await makeShop('told');
    await using context = await testContext();
    await using source = await mysqlTools(server).sourceOf('told');
    await source.check(context);
    const found = await Array.fromAsync(source.discover(context));
    expect(found).toContainEqual(expect.objectContaining({ kind: 'database', name: 'told' }));
    expect(found.filter(({ kind }) => kind === 'table').map(({ name }) => name)).toContain('orders');
    await using missing = await mysqlTools(server).sourceOf('not_there');
    await expect(missing.check(context)).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
    await using nobody = await mysqlTools(server).sourceOf('told', { port: 1 });
    await expect(nobody.check(context)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });

    const { kept, context: backup } = await keep('told');
    await ask(
      'told',
      'ALTER TABLE orders MODIFY note varchar(900), ADD COLUMN late int;\nDROP TABLE items;\nCREATE TABLE newer (id int);\nDELETE FROM orders WHERE id > 10',
    );
    await using client = await mysqlTools(server).connect('told');
    await client.query('SELECT 1');
    const preview = async (more: object): Promise<PreviewItem[]> =>
      Array.fromAsync(
        source.preview(
          bringBack(kept),
          {
            target: { kind: 'inPlace' },
            policy: 'OVERWRITE',
            tables: [...backup.tables.values()],
            exactRows: true,
            ...more,
          },
          context,
        ),
      );
    const items = await preview({});
    expect(items.map(({ action, subject }) => `${action} ${subject}`)).toEqual([
      'CHANGE database told',
      'NOTE database told',
      'NOTE database told',
      'CHANGE view big_orders',
      'ADD table items',
      'CHANGE table log',
      'CHANGE table orders',
      'DROP table newer',
    ]);
    expect(items.find(({ subject }) => subject === 'table orders')).toMatchObject({
      rows: 5000,
      rowsNow: 10,
      reason: expect.stringContaining('column late was added since, column note was text and is varchar(900)'),
    });
    expect(items[2]?.reason).toBe('connected now, and made to wait while tables are exchanged: root');
    expect((await preview({ policy: 'FAIL' })).map(({ action }) => action)).toContain('CONFLICT');
    expect((await preview({ includeTables: ['items'] })).map(({ action, subject }) => [action, subject])).toEqual([
      ['ADD', 'table items'],
    ]);
    expect((await preview({ target: { kind: 'database', name: 'free' } }))[0]).toMatchObject({ action: 'ADD' });
    expect(await ask('told', 'SELECT COUNT(*) FROM orders')).toEqual([['10']]);
  });

  test('is reached by a Unix socket, or by TLS whose certificate it checks', async () => {
    await makeShop('socket');
    expect((await keep('socket', {}, { host: server.socket })).context.tables.size).toBe(3);
    await using secure = await startMariadb({ 'require-secure-transport': 'ON' }, { tls: true });
    const tools = mysqlTools(secure);
    await using context = await testContext();
    const check = async (more: object): Promise<void> => {
      await using source = await tools.sourceOf('mysql', more);
      await source.check(context);
    };
    const verified = { sslMode: 'verify-full', host: 'localhost' };
    await check({});
    await check({ ...verified, sslRootCertificate: secure.certificate });
    await expect(check(verified)).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
      details: { reason: expect.stringMatching(/self.signed certificate/) },
    });
    await expect(check({ sslMode: 'disable' })).rejects.toMatchObject({ code: expect.stringContaining('SOURCE_') });
    await expect(check({ ...verified, host: '127.0.0.1' })).rejects.toThrow('name that its certificate is for');
  });
});
