/** Databases of 2 GB, made by the server itself from fixed seeds. */
import { execa } from 'execa';

/** Runs `psql` against a database of the server under test. */
export type Psql = (database: string, statements: string) => Promise<void>;

const WORDS = `ARRAY['order','payment','refund','parcel','customer','invoice','warehouse','delivery','north','south','east','west',
  'quick','slow','red','green','blue','late','early','open','closed','paid','failed','retry','note','gift','return','express']`;

/** Some words that depend on a number alone. */
const words = (of: string, count: number): string =>
  Array.from({ length: count }, (_, at) => `(${WORDS})[1 + abs(hashint8(${of} * 31 + ${at})) % 28]`).join(
    ` || ' ' || `,
  );

/** Statements that make a table like those of a shop: numbers, times, short texts, some noise. */
const ordersLike = (name: string, rows: number): string => `
  CREATE TABLE ${name} (id bigint PRIMARY KEY, customer int NOT NULL, placed timestamptz NOT NULL, status text NOT NULL,
    amount numeric(12,2) NOT NULL, note text, token uuid);
  INSERT INTO ${name}
    SELECT i, abs(hashint8(i)) % 500000, timestamptz '2024-01-01' + i * interval '1 second', (${WORDS})[1 + i % 28],
           (abs(hashint8(i * 7)) % 1000000) / 100.0, ${words('i', 8)}, md5(i::text)::uuid
      FROM generate_series(1, ${rows}::bigint) i;`;

const eventsLike = (name: string, rows: number): string => `
  CREATE TABLE ${name} (id bigint PRIMARY KEY, at timestamptz NOT NULL, payload jsonb NOT NULL);
  INSERT INTO ${name}
    SELECT i, timestamptz '2024-01-01' + i * interval '3 seconds',
           jsonb_build_object('kind', (${WORDS})[1 + i % 28], 'user', abs(hashint8(i)) % 500000, 'session', md5((i / 20)::text),
                              'text', ${words('i', 12)}, 'values', jsonb_build_array(i % 7, i % 11, hashint8(i)))
      FROM generate_series(1, ${rows}::bigint) i;`;

/** About 2 GB of rows in seven tables of different lengths, with indexes and a foreign key, by a scale of 1. */
export async function makeShop(psql: Psql, database: string, scale: number): Promise<void> {
  const rows = (count: number): number => Math.max(100, Math.ceil(count * scale));
  await psql(
    database,
    `${ordersLike('orders', rows(4_900_000))} ${eventsLike('events', rows(2_400_000))}
     ${ordersLike('archived_orders', rows(2_200_000))} ${eventsLike('audit', rows(650_000))}
     ${ordersLike('drafts', rows(300_000))}
     CREATE TABLE customers (id int PRIMARY KEY, name text NOT NULL, mail text NOT NULL);
     INSERT INTO customers SELECT i, ${words('i', 2)}, md5(i::text) || '@example.org' FROM generate_series(0, 499999) i;
     CREATE TABLE countries (code text PRIMARY KEY, name text); INSERT INTO countries SELECT i::text, 'country ' || i FROM generate_series(1, 200) i;
     CREATE INDEX ON orders (customer); CREATE INDEX ON orders (placed); CREATE INDEX ON events (at);
     ALTER TABLE orders ADD FOREIGN KEY (customer) REFERENCES customers;
     CREATE VIEW open_orders AS SELECT * FROM orders WHERE status = 'open'; VACUUM ANALYZE;`,
  );
}

/** About 2 GB of rows in one table. */
export async function makeOneTable(psql: Psql, database: string, scale: number): Promise<void> {
  await psql(database, `${ordersLike('orders', Math.max(100, Math.ceil(13_500_000 * scale)))} VACUUM ANALYZE;`);
}

/** Changes one row in a hundred: those of the last days, as an application does. */
export const CHANGE_ONE_PERCENT = `
  UPDATE orders SET status = 'changed', amount = amount + 1 WHERE id > (SELECT max(id) FROM orders) * 0.99;
  UPDATE events SET payload = payload || '{"seen": true}' WHERE id > (SELECT max(id) FROM events) * 0.99;`;

/** Runs statements by the server's own client; throws when one fails. */
export const psqlOf =
  (env: Readonly<Record<string, string>>, binaries: string): Psql =>
  async (database, statements) => {
    await execa(`${binaries}/psql`, ['--quiet', '--no-psqlrc', '--set=ON_ERROR_STOP=1', '--dbname', database], {
      env,
      input: statements,
    });
  };
