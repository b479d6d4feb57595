/** The door to the catalogue's rows. */
import { PrismaPg } from '@prisma/adapter-pg';
import { type Prisma, PrismaClient } from './generated/prisma/client.ts';

/** What queries inside a transaction go through; a `PrismaClient` fits as well. */
export type CatalogueTransaction = Prisma.TransactionClient;

export interface Catalogue extends AsyncDisposable {
  readonly prisma: PrismaClient;
}

export interface CatalogueOptions {
  /** Connections at most. */
  readonly poolSize?: number;
  /** Hears of connections lost while idle; the next query makes a new one. */
  readonly onConnectionLost?: (error: Error) => void;
}

/**
 * Opens the catalogue at `url` (the database's tables lie in the schema `public`). Connects with the first query; a
 * query waits at most ten seconds for a connection. Disposing waits for the queries under way.
 */
export function openCatalogue(url: string, options: CatalogueOptions = {}): Catalogue {
  const adapter = new PrismaPg(
    {
      connectionString: url,
      max: options.poolSize ?? 10,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
      application_name: 'strongroom',
    },
    { onPoolError: (error) => options.onConnectionLost?.(error) },
  );
  const prisma = new PrismaClient({ adapter, transactionOptions: { maxWait: 10_000, timeout: 30_000 } });
  return {
    prisma,
    [Symbol.asyncDispose]: () => prisma.$disconnect(),
  };
}
