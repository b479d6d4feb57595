/** The source for MariaDB and MySQL against a private server, for tests. */
import { createConnection } from 'mysql2/promise';
import mysql from '../../plugins/source/mysql/index.ts';
import type { MariadbServer } from './mariadb-server.ts';
import { sourceTools, type SourceTools } from './database-source.ts';
import { openHost } from './source-harness.ts';

/** A connection, ended when it is disposed of. */
export interface OpenClient extends AsyncDisposable {
  /** Runs statements parted by `;` at a line's end; answers the last one's rows as arrays. */
  query(text: string): Promise<unknown[][]>;
}

export interface MysqlTools extends SourceTools {
  readonly connect: (database?: string) => Promise<OpenClient>;
  readonly ask: (database: string | undefined, text: string) => Promise<unknown[][]>;
}

export function mysqlTools({ host, port, user, password }: MariadbServer): MysqlTools {
  const sourceOf: MysqlTools['sourceOf'] = (database, more = {}) =>
    mysql.create(mysql.configuration.parse({ host, port, user, password, database, ...more }), openHost);
  const connect: MysqlTools['connect'] = async (database) => {
    const connection = await createConnection({
      host,
      port,
      user,
      password,
      ...(database !== undefined && { database }),
      rowsAsArray: true,
      supportBigNumbers: true,
      bigNumberStrings: true,
      dateStrings: true,
    });
    connection.on('error', () => undefined);
    return {
      async query(text) {
        let answer: unknown[][] = [];
        for (const statement of text.split(/;\n|;$/).filter((one) => one.trim() !== '')) {
          const [rows] = await connection.query({ sql: statement, rowsAsArray: true });
          answer = Array.isArray(rows) ? rows.map((row) => (Array.isArray(row) ? row : [row])) : [];
        }
        return answer;
      },
      [Symbol.asyncDispose]: async () => connection.destroy(),
    };
  };
  return {
    ...sourceTools(sourceOf),
    connect,
    async ask(database, text) {
      await using client = await connect(database);
      return await client.query(text);
    },
  };
}

/** Orders, items that refer to them, a log that a trigger writes, a view and a procedure. */
export async function makeMysqlShop(server: MariadbServer, name: string): Promise<void> {
  await mysqlTools(server).ask(
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
