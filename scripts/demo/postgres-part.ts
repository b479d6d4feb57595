/** The PostgreSQL database of the sample application, on a server of its own. */
import pg from 'pg';
import type { PostgresServer } from '../../test/support/postgres-server.ts';
import { digest } from './fingerprint.ts';
import type { SourceInput } from './source-input.ts';

const DATABASE = 'archives';

export class PostgresPart {
  readonly rows = 30_000;
  readonly #server: PostgresServer;
  readonly #url: string;

  private constructor(server: PostgresServer, url: string) {
    this.#server = server;
    this.#url = url;
  }

  static async make(server: PostgresServer): Promise<PostgresPart> {
    const part = new PostgresPart(server, await server.createDatabase(DATABASE));
    await part.#query(`
      CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL, born date);
      CREATE TABLE record (id int PRIMARY KEY, person int REFERENCES person, note text, data jsonb);
      INSERT INTO person SELECT n, 'Person ' || n, date '1700-01-01' + n FROM generate_series(1, 10000) n;
      INSERT INTO record SELECT n, 1 + n % 10000, md5(n::text), jsonb_build_object('page', n % 300) FROM generate_series(1, 20000) n;
      CREATE INDEX record_person ON record (person);
    `);
    return part;
  }

  get source(): SourceInput {
    const { host, port, user, password } = this.#server;
    return { name: 'people', plugin: 'postgres', configuration: { host, port, user, password, database: DATABASE } };
  }

  /** Returns how many rows changed. */
  async change(): Promise<number> {
    const { rowCount } = await this.#query("UPDATE record SET note = note || ' (seen)' WHERE id % 100 = 0");
    return rowCount ?? 0;
  }

  async fingerprint(facts: Map<string, string>): Promise<void> {
    for (const table of ['person', 'record']) {
      const { rows } = await this.#query(`SELECT id, t::text AS row FROM ${table} t ORDER BY id`);
      for (const { id, row } of rows) facts.set(`postgres ${table} ${String(id)}`, digest(String(row)));
    }
  }

  async destroy(): Promise<void> {
    await withClient(this.#server.url, (client) => client.query(`DROP DATABASE ${DATABASE} WITH (FORCE)`));
  }

  #query(text: string): Promise<pg.QueryResult<Record<string, unknown>>> {
    return withClient(this.#url, (client) => client.query<Record<string, unknown>>(text));
  }
}

async function withClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}
