/** Databases of 2 GB, made by the server itself from fixed seeds; the like of `postgres.ts`. */
import { execa } from 'execa';

/** Runs the server's own client against a database. */
export type MariadbClient = (database: string, statements: string) => Promise<void>;

const WORDS = [
  'order payment refund parcel customer invoice warehouse delivery north south east west quick slow',
  'red green blue late early open closed paid failed retry note gift return express',
]
  .join(' ')
  .split(' ')
  .map((word) => `'${word}'`)
  .join(',');

/** Some words that depend on a number alone. */
const words = (of: string, count: number): string =>
  `CONCAT_WS(' ', ${Array.from({ length: count }, (_, at) => `ELT(1 + CRC32(${of} * 31 + ${at}) % 28, ${WORDS})`).join(', ')})`;

/** Statements that make a table like those of a shop: numbers, times, short texts, some noise. */
const ordersLike = (name: string, rows: number, indexes = ''): string => `
  CREATE TABLE ${name} (id bigint PRIMARY KEY, customer int NOT NULL, placed datetime NOT NULL, status varchar(20) NOT NULL,
    amount decimal(12,2) NOT NULL, note varchar(200), token char(36)${indexes});
  INSERT INTO ${name}
    SELECT seq, CRC32(seq) % 500000, '2024-01-01' + INTERVAL seq SECOND, ELT(1 + seq % 28, ${WORDS}),
           (CRC32(seq * 7) % 1000000) / 100, ${words('seq', 8)}, INSERT(INSERT(MD5(seq), 9, 0, '-'), 14, 0, '-')
      FROM seq_1_to_${rows};`;

const eventsLike = (name: string, rows: number, indexes = ''): string => `
  CREATE TABLE ${name} (id bigint PRIMARY KEY, at datetime NOT NULL, payload json NOT NULL${indexes});
  INSERT INTO ${name}
    SELECT seq, '2024-01-01' + INTERVAL seq * 3 SECOND,
           JSON_OBJECT('kind', ELT(1 + seq % 28, ${WORDS}), 'user', CRC32(seq) % 500000, 'session', MD5(seq DIV 20),
                       'text', ${words('seq', 12)}, 'values', JSON_ARRAY(seq % 7, seq % 11, CRC32(seq)))
      FROM seq_1_to_${rows};`;

/** Nothing of this is to be kept over a power cut while it is made. */
const QUICKLY = 'SET unique_checks = 0; SET foreign_key_checks = 0;';

/** About 2 GB of rows in seven tables of different lengths, with indexes and a foreign key, by a scale of 1. */
export async function makeShop(client: MariadbClient, database: string, scale: number): Promise<void> {
  const rows = (count: number): number => Math.max(100, Math.ceil(count * scale));
  await client(
    database,
    `${QUICKLY}
     CREATE TABLE customers (id int PRIMARY KEY, name varchar(100) NOT NULL, mail varchar(100) NOT NULL);
     INSERT INTO customers SELECT seq, ${words('seq', 2)}, CONCAT(MD5(seq), '@example.org') FROM seq_0_to_499999;
     ${ordersLike('orders', rows(4_900_000), ', INDEX (customer), INDEX (placed), FOREIGN KEY (customer) REFERENCES customers (id)')}
     ${eventsLike('events', rows(2_400_000), ', INDEX (at)')}
     ${ordersLike('archived_orders', rows(2_200_000))} ${eventsLike('audit', rows(650_000))}
     ${ordersLike('drafts', rows(300_000))}
     CREATE TABLE countries (code varchar(10) PRIMARY KEY, name varchar(100));
     INSERT INTO countries SELECT seq, CONCAT('country ', seq) FROM seq_1_to_200;
     CREATE VIEW open_orders AS SELECT * FROM orders WHERE status = 'open';
     ANALYZE TABLE orders, events, archived_orders, audit, drafts, customers, countries;`,
  );
}

/** About 2 GB of rows in one table. */
export async function makeOneTable(client: MariadbClient, database: string, scale: number): Promise<void> {
  const rows = Math.max(100, Math.ceil(13_500_000 * scale));
  await client(database, `${QUICKLY} ${ordersLike('orders', rows)} ANALYZE TABLE orders;`);
}

/** Changes one row in a hundred: those of the last days, as an application does. */
export const CHANGE_ONE_PERCENT = `
  UPDATE orders JOIN (SELECT MAX(id) AS most FROM orders) m SET status = 'changed', amount = amount + 1 WHERE id > m.most * 0.99;
  UPDATE events JOIN (SELECT MAX(id) AS most FROM events) m SET payload = JSON_SET(payload, '$.seen', true) WHERE id > m.most * 0.99;`;

/** Runs statements by the server's own client; throws when one fails. */
export const clientOf =
  (access: readonly string[], env: Readonly<Record<string, string>>): MariadbClient =>
  async (database, statements) => {
    await execa('mariadb', ['--no-defaults', ...access, '--batch', database], { env, input: statements });
  };
