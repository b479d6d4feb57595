import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import type { RestoreOptions } from '../../support/database-source.ts';
import { mysqlTools, type MysqlTools } from '../../support/mysql-source.ts';
import type { KeptEntry } from '../../support/source-harness.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const ask: MysqlTools['ask'] = (...given) => mysqlTools(server).ask(...given);
const restore: MysqlTools['restore'] = (...given) => mysqlTools(server).restore(...given);

/** Orders, which refer to customers, and are referred to by items, and by a table of another database. */
async function makeShop(name: string): Promise<{ kept: KeptEntry[]; options: RestoreOptions }> {
  await ask(
    undefined,
    `CREATE DATABASE ${name};
CREATE DATABASE ${name}_other;
USE ${name};
CREATE TABLE customers (id int PRIMARY KEY, name varchar(50));
CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, customer int, previous int, note varchar(50), CONSTRAINT orders_customer FOREIGN KEY (customer) REFERENCES customers (id), CONSTRAINT orders_previous FOREIGN KEY (previous) REFERENCES orders (id));
CREATE TABLE items (id int PRIMARY KEY, order_id int, CONSTRAINT items_order FOREIGN KEY (order_id) REFERENCES orders (id) ON DELETE CASCADE);
CREATE TABLE ${name}_other.parcels (order_id int, CONSTRAINT parcels_order FOREIGN KEY (order_id) REFERENCES ${name}.orders (id));
CREATE TABLE log (what varchar(50));
CREATE VIEW notes AS SELECT id, note FROM orders;
CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES ('noted');
CREATE PROCEDURE clean() DELETE FROM log;
INSERT INTO customers SELECT seq, CONCAT('customer ', seq) FROM seq_1_to_50;
INSERT INTO orders SELECT seq, 1 + seq % 50, NULLIF(seq, 1) - 1, CONCAT('note ', seq) FROM seq_1_to_1000;
INSERT INTO items SELECT seq, seq FROM seq_1_to_900;
INSERT INTO ${name}_other.parcels SELECT seq FROM seq_1_to_10;
DELETE FROM log`,
  );
  const { kept, context } = await mysqlTools(server).keep(name);
  return { kept, options: { tables: [...context.tables.values()], policy: 'OVERWRITE' } };
}

const leftovers = async (): Promise<string[]> =>
  (await ask(undefined, 'SHOW DATABASES'))
    .map(([name]) => String(name))
    .filter((name) => /_strongroom_|_before_/.test(name));

const definitions = async (name: string): Promise<unknown[]> => [
  await ask(name, 'SHOW CREATE TABLE items'),
  await ask(name, `SHOW CREATE TABLE ${name}_other.parcels`),
  await ask(name, 'SHOW CREATE VIEW notes'),
  await ask(
    name,
    `SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${name}'`,
  ),
];

describe('chosen tables', () => {
  test('take the place of those that are there, with all that hangs on them, while the others stay', async () => {
    const { kept, options } = await makeShop('swapped');
    const before = await definitions('swapped');
    await ask(
      'swapped',
      `UPDATE orders SET note = 'now';
INSERT INTO customers VALUES (51, 'new');
DELETE FROM items WHERE id > 100;
CREATE OR REPLACE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES ('other')`,
    );
    const context = await restore('swapped', kept, { ...options, includeTables: ['ord*'] });
    expect([...context.tables.keys()]).toEqual(['orders']);
    expect(await ask('swapped', 'SELECT COUNT(*), MAX(note) FROM notes')).toEqual([['1000', 'note 999']]);
    expect(await ask('swapped', 'SELECT COUNT(*) FROM items')).toEqual([['100']]);
    expect(await ask('swapped', 'SELECT COUNT(*) FROM customers')).toEqual([['51']]);
    expect(await definitions('swapped')).toEqual(before);
    await ask('swapped', `INSERT INTO orders (customer, note) VALUES (51, 'x')`);
    expect(await ask('swapped', 'SELECT * FROM log')).toEqual([['noted']]);
    for (const refused of [
      'INSERT INTO items VALUES (5000, 5000)',
      'INSERT INTO orders (customer) VALUES (77)',
      'INSERT INTO swapped_other.parcels VALUES (5000)',
      'DELETE FROM orders WHERE id = 3',
    ]) {
      await expect(ask('swapped', refused)).rejects.toThrow('foreign key');
    }
    expect(await leftovers()).toEqual([]);
  });

  test('are kept when they are replaced, and come back', async () => {
    const { kept, options } = await makeShop('undone');
    await ask('undone', `UPDATE orders SET note = 'now';\nDELETE FROM items WHERE id = 1`);
    const before = await definitions('undone');
    const chosen = { ...options, includeTables: ['orders', 'undone.items'], keepPrevious: true };
    const context = await restore('undone', kept, chosen);
    expect(context.previous).toEqual([true]);
    expect(await ask('undone', `SELECT COUNT(*) FROM orders WHERE note = 'now'`)).toEqual([['0']]);
    expect(await ask('undone', 'SELECT COUNT(*) FROM items')).toEqual([['900']]);

    await using source = await mysqlTools(server).sourceOf('undone');
    await source.revert?.(context.restoreId, context);
    expect(await ask('undone', `SELECT COUNT(*) FROM notes WHERE note = 'now'`)).toEqual([['1000']]);
    expect(await ask('undone', 'SELECT COUNT(*) FROM items')).toEqual([['899']]);
    expect(await definitions('undone')).toEqual(before);
    expect(await leftovers()).toEqual([]);
  });

  test('stay as they are when a foreign key would not hold, or somebody uses them', async () => {
    const { kept, options } = await makeShop('refused');
    await ask(
      'refused',
      `UPDATE orders SET note = 'now' WHERE id <= 500;\nINSERT INTO orders VALUES (2000, 1, 1, 'new');\nDELETE FROM log`,
    );
    const before = await definitions('refused');
    const unchanged = async (): Promise<void> => {
      expect(await ask('refused', `SELECT COUNT(*) FROM orders WHERE note = 'now'`)).toEqual([['500']]);
      expect(await definitions('refused')).toEqual(before);
      expect(await leftovers()).toEqual([]);
    };
    const chosen = { ...options, includeTables: ['orders'] };
    for (const [make, undo, name] of [
      ['INSERT INTO items VALUES (2000, 2000)', 'DELETE FROM items WHERE id = 2000', 'items_order'],
      [
        'INSERT INTO refused_other.parcels VALUES (2000)',
        'DELETE FROM refused_other.parcels WHERE order_id = 2000',
        'parcels_order',
      ],
    ] as const) {
      await ask('refused', make);
      await expect(restore('refused', kept, chosen)).rejects.toMatchObject({
        code: 'RESTORE_TARGET_UNSUITABLE',
        details: { reason: expect.stringContaining(name) },
      });
      await unchanged();
      await ask('refused', undo);
    }
    await ask('refused', 'SET foreign_key_checks = 0;\nDELETE FROM customers WHERE id = 7');
    await expect(restore('refused', kept, chosen)).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      details: { subject: 'table orders', reason: expect.stringContaining('orders_customer') },
    });
    await unchanged();
    await ask('refused', `INSERT INTO customers VALUES (7, 'back')`);

    {
      await using holder = await mysqlTools(server).connect('refused');
      await holder.query('BEGIN;\nSELECT * FROM orders LIMIT 1');
      const impatient = { ...chosen, configuration: { lockTimeoutSeconds: 1 } };
      await expect(restore('refused', kept, impatient)).rejects.toMatchObject({ code: 'SOURCE_LOCKED' });
    }
    await unchanged();

    await expect(restore('refused', kept, { ...chosen, policy: 'FAIL' })).rejects.toMatchObject({
      code: 'RESTORE_CONFLICT',
    });
    await restore('refused', kept, { ...chosen, policy: 'SKIP' });
    for (const includeTables of [['nothing*'], ['notes'], ['`open'], ['a.b.c'], ['other.orders']]) {
      await expect(restore('refused', kept, { ...chosen, includeTables })).rejects.toMatchObject({
        code: 'INPUT_INVALID',
        details: { field: 'includeTables' },
      });
    }
    await unchanged();

    await restore('refused', kept, options);
    expect(await definitions('refused')).toEqual(before);
    await expect(ask('refused', 'INSERT INTO refused_other.parcels VALUES (5000)')).rejects.toThrow('foreign key');
    expect(await leftovers()).toEqual([]);
  });

  test('go into another database, made if it is not there', async () => {
    const { kept, options } = await makeShop('beside');
    const target = { kind: 'database', name: 'elsewhere' } as const;
    await restore('beside', kept, {
      ...options,
      policy: 'FAIL',
      target,
      includeTables: ['customers', 'items', 'orders'],
    });
    expect(await ask('elsewhere', 'SELECT COUNT(*) FROM items JOIN orders ON orders.id = order_id')).toEqual([['900']]);
    await expect(ask('elsewhere', 'INSERT INTO items VALUES (5000, 5000)')).rejects.toThrow('`elsewhere`.`items`');
    await expect(
      restore('beside', kept, { ...options, policy: 'FAIL', target, includeTables: ['items'] }),
    ).rejects.toMatchObject({ code: 'RESTORE_CONFLICT' });
    await restore('beside', kept, { ...options, policy: 'FAIL', target, includeTables: ['log'] });
    expect((await ask('elsewhere', 'SHOW TABLES')).flat()).toEqual(['customers', 'items', 'log', 'orders']);
    expect(await leftovers()).toEqual([]);
  });
});
