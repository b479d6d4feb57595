/** Sources of database servers, for tests: backups kept in memory, and restored. */
import type { ConflictPolicy, RestoreTarget, Source, TableInfo } from '../../src/contracts/index.ts';
import { bringBack, keepAll, testContext } from './source-harness.ts';
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

export interface SourceTools {
  readonly sourceOf: (database: string, more?: object) => Promise<Source>;
  /** Everything that a backup of a database reads. */
  readonly keep: (
    database: string,
    selection?: object,
    more?: object,
  ) => Promise<{ readonly kept: KeptEntry[]; readonly context: TestContext }>;
  readonly restore: (database: string, kept: readonly KeptEntry[], options?: RestoreOptions) => Promise<TestContext>;
}

/** With the sources that `sourceOf` makes. */
export const sourceTools = (sourceOf: SourceTools['sourceOf']): SourceTools => ({
  sourceOf,
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
});
