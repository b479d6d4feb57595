/** The PostgreSQL source against a private server, for tests. */
import pg from 'pg';
import postgres from '../../plugins/source/postgres/index.ts';
import type { PostgresServer } from './postgres-server.ts';
import { sourceTools, type SourceTools } from './database-source.ts';
import { openHost } from './source-harness.ts';

/** A connection to a database, ended when it is disposed of. */
export interface OpenClient extends AsyncDisposable {
  query(text: string): Promise<unknown[][]>;
}

export interface PostgresTools extends SourceTools {
  readonly connect: (database: string, application?: string) => Promise<OpenClient>;
  /** Answers of one query, or of the last of several, the rows as arrays. */
  readonly ask: (database: string, query: string) => Promise<unknown[][]>;
}

export function postgresTools(server: PostgresServer): PostgresTools {
  const { host, port, user, password } = server;
  const sourceOf: PostgresTools['sourceOf'] = (database, more = {}) =>
    postgres.create(postgres.configuration.parse({ host, port, user, password, database, ...more }), openHost);
  const connect: PostgresTools['connect'] = async (database, application = 'a test') => {
    const client = new pg.Client({ host, port, user, password, database, application_name: application });
    // A restore ends connections; one that has its answer already must not fail the test by that.
    client.on('error', () => undefined);
    await client.connect();
    return {
      async query(text) {
        const results = [await client.query({ text, rowMode: 'array' })].flat();
        return results.at(-1)?.rows ?? [];
      },
      [Symbol.asyncDispose]: () => client.end(),
    };
  };
  return {
    ...sourceTools(sourceOf),
    connect,
    async ask(database, query) {
      await using client = await connect(database);
      return await client.query(query);
    },
  };
}
