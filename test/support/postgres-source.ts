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
}

export interface PostgresTools {
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
  return {
    sourceOf,
    async ask(database, query) {
      const client = new pg.Client({ host, port, user, password, database });
      // A restore ends connections; one that has its answer already must not fail the test by that.
      client.on('error', () => undefined);
      await client.connect();
      try {
        const results = [await client.query({ text: query, rowMode: 'array' })].flat();
        return results.at(-1)?.rows ?? [];
      } finally {
        await client.end();
      }
    },
    async keep(database, selection = {}, more = {}) {
      await using context = await testContext();
      await using source = await sourceOf(database, more);
      return { kept: await keepAll(source, context, selection), context };
    },
    async restore(database, kept, options = {}) {
      const { target = { kind: 'inPlace' }, policy = 'FAIL', trouble, tables = [], ...more } = options;
      await using context = await testContext(more);
      await using source = await sourceOf(database);
      await source.restore(bringBack(kept, trouble), { target, policy, tables }, context);
      return context;
    },
  };
}
