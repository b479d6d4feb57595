/** What the schema engine reaches PostgreSQL through. */
import { PrismaPg } from '@prisma/adapter-pg';
import {
  ColumnTypeEnum,
  type SqlDriverAdapter,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';

export interface MigrationAdapter extends AsyncDisposable {
  readonly factory: SqlMigrationAwareDriverAdapterFactory;
}

/**
 * Prisma's adapter, with two differences. A migration goes to the server as one script, which PostgreSQL applies whole
 * or not at all; the adapter would cut it at every semicolon and leave half of a failed one behind. And columns of
 * PostgreSQL's internal type "char", which the engine reads in the system tables, are passed on as characters; the
 * adapter refuses them.
 */
export function openMigrationAdapter(url: string): MigrationAdapter {
  // One session, because the engine's locks belong to it.
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 10_000 });
  const characters = new CharacterColumns();
  pool.on('connect', (client) => characters.watch(client));
  return {
    factory: {
      provider: 'postgres',
      adapterName: '@prisma/adapter-pg',
      connect: async () => adapt(await new PrismaPg(pool).connect(), pool, characters),
      connectToShadowDb: () => Promise.reject(new Error('Differences are found against a real database.')),
    },
    [Symbol.asyncDispose]: () => pool.end(),
  };
}

const adapt = (inner: SqlDriverAdapter, pool: pg.Pool, characters: CharacterColumns): SqlDriverAdapter => ({
  provider: inner.provider,
  adapterName: inner.adapterName,
  queryRaw: async (query) => {
    const result = await inner.queryRaw(query);
    const places = characters.placesIn(result.columnNames);
    const columnTypes = result.columnTypes.map((type, at) => (places.has(at) ? ColumnTypeEnum.Character : type));
    return { ...result, columnTypes };
  },
  executeRaw: (query) => inner.executeRaw(query),
  executeScript: async (script) => {
    await pool.query(script);
  },
  startTransaction: (level) => inner.startTransaction(level),
  getConnectionInfo: () => inner.getConnectionInfo?.() ?? { supportsRelationJoins: true },
  dispose: () => inner.dispose(),
});

const INTERNAL_CHAR = 18;
const TEXT = 25;

interface RowDescription {
  readonly fields: { readonly name: string; dataTypeID: number }[];
}

/** Makes "char" columns pass the adapter as text, and remembers where they are: results lose their types on the way. */
class CharacterColumns {
  readonly #places = new Map<string, ReadonlySet<number>>();

  watch(client: unknown): void {
    if (!(client instanceof pg.Client)) return;
    client.connection.prependListener('rowDescription', ({ fields }: RowDescription) => {
      const places = new Set<number>();
      for (const [at, field] of fields.entries()) {
        if (field.dataTypeID !== INTERNAL_CHAR) continue;
        field.dataTypeID = TEXT;
        places.add(at);
      }
      if (places.size > 0) this.#places.set(keyOf(fields.map(({ name }) => name)), places);
    });
  }

  placesIn(columnNames: readonly string[]): ReadonlySet<number> {
    return this.#places.get(keyOf(columnNames)) ?? new Set();
  }
}

const keyOf = (columnNames: readonly string[]): string => columnNames.join('\n');
