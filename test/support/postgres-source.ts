/** The PostgreSQL source against a private server, for tests. */
import pg from 'pg';
import postgres from '../../plugins/source/postgres/index.ts';
import type { ConflictPolicy, RestoreTarget, Source, TableInfo } from '../../src/contracts/index.ts';
import type { PostgresServer } from './postgres-server.ts';
import { bringBack, keepAll, openHost, testContext } from './source-harness.ts';
import type { KeptEntry, TestContext, Trouble } from './source-harness.ts';

export interface RestoreOptions {
  readonly target?: RestoreTarget;
  readonly policy?: ConflictPolicy;
  readonly restoreId?: string;
  readonly signal?: AbortSignal;
  readonly trouble?: Trouble;
  readonly keepPrevious?: boolean;
  readonly tables?: readonly TableInfo[];
  readonly includeTables?: readonly string[];
  /** Of the source, beyond how the server is reached. */
  readonly configuration?: object;
}

/** A connection to a database, ended when it is disposed of. */
export interface OpenClient extends AsyncDisposable {
  query(text: string): Promise<unknown[][]>;
}

export interface PostgresTools {
  readonly connect: (database: string, application?: string) => Promise<OpenClient>;
  readonly sourceOf: (database: string, more?: object) => Promise<Source>;
  /** Answers of one query, or of the last of several, the rows as arrays. */
  readonly ask: (database: string, query: string) => Promise<unknown[][]>;
  /** Everything that a backup of a database reads. */
  readonly keep: (
    database: string,
    selection?: object,
    more?: object,
  ) => Promise<{ readonly kept: KeptEntry[]; readonly context: TestContext }>;
  readonly restore: (database: string, kept: readonly KeptEntry[], options?: RestoreOptions) => Promise<TestContext>;
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
    sourceOf,
    connect,
    async ask(database, query) {
      await using client = await connect(database);
      return await client.query(query);
    },
    async keep(database, selection = {}, more = {}) {
      await using context = await testContext();
      await using source = await sourceOf(database, more);
      return { kept: await keepAll(source, context, selection), context };
    },
    async restore(database, kept, options = {}) {
      const {
        target = { kind: 'inPlace' },
        policy = 'FAIL',
        trouble,
        tables = [],
        includeTables,
        configuration,
        ...more
      } = options;
      await using context = await testContext(more);
      await using source = await sourceOf(database, configuration);
      const chosen = includeTables === undefined ? {} : { includeTables };
      await source.restore(bringBack(kept, trouble), { target, policy, tables, ...chosen }, context);
      return context;
    },
  };
}
