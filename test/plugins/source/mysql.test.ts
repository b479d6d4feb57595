import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { mysqlTools, type MysqlTools } from '../../support/mysql-source.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const ask: MysqlTools['ask'] = (...given) => mysqlTools(server).ask(...given);
const keep: MysqlTools['keep'] = (...given) => mysqlTools(server).keep(...given);
const restore: MysqlTools['restore'] = (...given) => mysqlTools(server).restore(...given);

async function makeShop(name: string): Promise<void> {
  await ask(
    undefined,
    `CREATE DATABASE \`${name}\`;
USE \`${name}\`;
CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, note text NOT NULL, INDEX (note(10)));
CREATE TABLE items (id int PRIMARY KEY, order_id int, FOREIGN KEY (order_id) REFERENCES orders (id));
CREATE TABLE log (what varchar(20));
INSERT INTO orders SELECT seq, CONCAT('order ', seq) FROM seq_1_to_5000;
INSERT INTO items SELECT seq, seq FROM seq_1_to_2000;
CREATE VIEW big_orders AS SELECT * FROM orders WHERE id > 100;
CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES ('inserted');
CREATE PROCEDURE empty_log() DELETE FROM log;
`,
  );
}

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
});
