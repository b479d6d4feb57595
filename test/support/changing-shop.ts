/** A database with some of everything, for tests of restores. */
import { expect } from 'vitest';
import type { MysqlTools } from './mysql-source.ts';

/** Changes a shop in every respect. */
export const CHANGE = `ALTER DATABASE CHARACTER SET utf8mb4;
UPDATE orders SET note = 'now';
DELETE FROM items WHERE id = 1;
INSERT INTO customers VALUES (51, 'new');
CREATE TABLE newer (id int);
CREATE OR REPLACE VIEW notes AS SELECT id FROM orders;
CREATE VIEW newer_view AS SELECT * FROM newer;
CREATE OR REPLACE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES ('new way');
CREATE OR REPLACE PROCEDURE clean() DELETE FROM newer;
DROP EVENT nightly`;

/** What `expectOld` expects. */
export async function makeChangingShop(name: string, { ask }: MysqlTools): Promise<void> {
  await ask(
    undefined,
    `CREATE DATABASE \`${name}\` CHARACTER SET latin1;
USE \`${name}\`;
CREATE TABLE customers (id int PRIMARY KEY, name varchar(50));
CREATE TABLE orders (id int PRIMARY KEY AUTO_INCREMENT, customer int, note varchar(50), FOREIGN KEY orders_customer (customer) REFERENCES customers (id));
CREATE TABLE items (id int PRIMARY KEY, order_id int, CONSTRAINT items_order FOREIGN KEY (order_id) REFERENCES orders (id));
CREATE TABLE log (what varchar(50));
CREATE VIEW notes AS SELECT id, note FROM orders;
CREATE TRIGGER noted AFTER INSERT ON orders FOR EACH ROW INSERT INTO log VALUES ('old way');
CREATE PROCEDURE clean() DELETE FROM log;
CREATE EVENT nightly ON SCHEDULE EVERY 1 DAY DISABLE DO DELETE FROM log;
INSERT INTO customers SELECT seq, CONCAT('customer ', seq) FROM seq_1_to_50;
INSERT INTO orders SELECT seq, 1 + seq % 50, CONCAT('note ', seq) FROM seq_1_to_1000;
INSERT INTO items SELECT seq, seq FROM seq_1_to_900;
DELETE FROM log;`,
  );
}

/** All definitions, and all rows. */
export async function everythingOf(database: string, { connect }: MysqlTools): Promise<unknown> {
  await using client = await connect(database);
  const tables = await client.query('SHOW FULL TABLES');
  const everything: Record<string, unknown> = {};
  for (const [name, kind] of tables) {
    everything[`table ${String(name)}`] = await client.query(`SHOW CREATE TABLE \`${String(name)}\``);
    if (kind === 'BASE TABLE')
      everything[`rows of ${String(name)}`] = await client.query(`SELECT * FROM \`${String(name)}\``);
  }
  everything['programs'] = await client.query(
    `SELECT ROUTINE_NAME, ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${database}'
     UNION SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${database}'
     UNION SELECT EVENT_NAME, STATUS FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${database}'
     UNION SELECT 'collation', DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${database}' ORDER BY 1, 2`,
  );
  return everything;
}

/** Databases that restores have left. */
export const leftovers = async ({ ask }: MysqlTools): Promise<string[]> =>
  (await ask(undefined, 'SHOW DATABASES'))
    .map(([name]) => String(name))
    .filter((name) => /_strongroom_|_before_/.test(name));

/** What the backup of a shop holds, whatever its name. */
export async function expectOld(name: string, { ask }: MysqlTools): Promise<void> {
  expect(await ask(name, 'SELECT COUNT(*), MAX(note) FROM notes')).toEqual([['1000', 'note 999']]);
  expect(await ask(name, 'SELECT COUNT(*) FROM items')).toEqual([['900']]);
  expect((await ask(name, 'SHOW TABLES')).flat()).toEqual(['customers', 'items', 'log', 'notes', 'orders']);
  const programs = await ask(
    name,
    `SELECT ROUTINE_DEFINITION FROM information_schema.ROUTINES WHERE ROUTINE_SCHEMA = '${name}'
     UNION SELECT ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE TRIGGER_SCHEMA = '${name}'
     UNION SELECT EVENT_NAME FROM information_schema.EVENTS WHERE EVENT_SCHEMA = '${name}'`,
  );
  expect(programs.flat()).toEqual(['DELETE FROM log', `INSERT INTO log VALUES ('old way')`, 'nightly']);
  await expect(ask(name, 'INSERT INTO items VALUES (5000, 5000)')).rejects.toThrow('foreign key');
  expect(
    await ask(
      undefined,
      `SELECT DEFAULT_CHARACTER_SET_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = '${name}'`,
    ),
  ).toEqual([['latin1']]);
}
