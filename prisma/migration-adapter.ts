/** What the schema engine reaches PostgreSQL through. */
import { PrismaPg } from '@prisma/adapter-pg';
import type {
  SqlDriverAdapter,
  SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils';
import pg from 'pg';

/** PostgreSQL's internal one-byte type "char", and the text type it is read as. */
const INTERNAL_CHAR = 18;
const CHARACTER = 1042;

/**
 * Prisma's adapter, with two differences. A migration goes to the server as one script, which PostgreSQL applies whole
 * or not at all; the adapter would cut it at every semicolon and leave half of a failed one behind. And columns of the
 * internal type "char", which the engine reads in the system tables, are presented in a type that the adapter knows.
 */
export const migrationAdapter = (pool: pg.Pool): SqlMigrationAwareDriverAdapterFactory => ({
  provider: 'postgres',
  adapterName: '@prisma/adapter-pg',
  connect: async () => whole(await new PrismaPg(pool).connect(), pool),
  connectToShadowDb: () => Promise.reject(new Error('Differences are found against a real, empty database.')),
});

/** A pool of one session, because the engine's locks belong to it; the caller ends it. */
export function migrationPool(url: string): pg.Pool {
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 10_000 });
  return pool.on('connect', readInternalChar);
}

const whole = (inner: SqlDriverAdapter, pool: pg.Pool): SqlDriverAdapter => ({
  provider: inner.provider,
  adapterName: inner.adapterName,
  queryRaw: (query) => inner.queryRaw(query),
  executeRaw: (query) => inner.executeRaw(query),
  executeScript: async (script) => {
    await pool.query(script);
  },
  startTransaction: (level) => inner.startTransaction(level),
  getConnectionInfo: () => inner.getConnectionInfo?.() ?? { supportsRelationJoins: true },
  dispose: () => inner.dispose(),
});

function readInternalChar(client: unknown): void {
  if (!(client instanceof pg.Client)) return;
  client.connection.prependListener('rowDescription', ({ fields }: { fields: { dataTypeID: number }[] }) => {
    for (const field of fields) if (field.dataTypeID === INTERNAL_CHAR) field.dataTypeID = CHARACTER;
  });
}
