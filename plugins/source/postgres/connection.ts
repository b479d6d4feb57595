/** Talks to the server: as a client, and through its own programs. */
import pg from 'pg';
import { StrongroomError } from '../../../src/errors.ts';

/** Where the server is and who asks. */
export interface ServerAccess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  readonly sslMode: 'disable' | 'prefer' | 'require';
  /** The database that is backed up. */
  readonly database: string;
  /** The one to be connected to while that is renamed. */
  readonly maintenanceDatabase: string;
}

const CONNECT_TIMEOUT_SECONDS = 10;
/** What a client asks may take. A server that hangs while its system still answers is noticed by nothing else. */
const QUERY_TIMEOUT = 10 * 60_000;
/** A server whose system has fallen silent is given up after about two minutes. */
const KEEP_ALIVE = { idleSeconds: 10, intervalSeconds: 10, probes: 9, unansweredSeconds: 120 };
const DENIED: ReadonlySet<string> = new Set(['28000', '28P01', '42501']);
const NO_DATABASE = '3D000';

/**
 * Runs `work` with a connection to `database`, closed afterwards. No query may take longer than ten minutes, unless
 * `queryTimeout` (milliseconds; 0 for any time) says otherwise. Errors of the server come as `SOURCE_DENIED`,
 * `SOURCE_MISSING` or `SOURCE_UNAVAILABLE`.
 */
export async function withClient<T>(
  access: ServerAccess,
  database: string,
  work: (client: pg.Client) => Promise<T>,
  queryTimeout = QUERY_TIMEOUT,
): Promise<T> {
  try {
    const client = await connect(access, database, access.sslMode !== 'disable', queryTimeout);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  } catch (error) {
    throw serverError(access, database, error);
  }
}

async function connect(access: ServerAccess, database: string, ssl: boolean, queryTimeout: number): Promise<pg.Client> {
  const client = new pg.Client({
    host: access.host,
    port: access.port,
    user: access.user,
    password: access.password ?? '',
    database,
    ssl: ssl ? { rejectUnauthorized: false } : false,
    connectionTimeoutMillis: CONNECT_TIMEOUT_SECONDS * 1_000,
    query_timeout: queryTimeout,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE.idleSeconds * 1_000,
    application_name: 'strongroom',
  });
  // A lost connection fails the query under way; without a listener it would also end the process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    return client;
  } catch (error) {
    await client.end();
    const refused = error instanceof Error && error.message.includes('does not support SSL');
    if (ssl && refused && access.sslMode === 'prefer') return connect(access, database, false, queryTimeout);
    throw error;
  }
}

/** What went wrong between us and the server, in the words of the catalogue; an error that has them stays as it is. */
export function serverError(access: ServerAccess, database: string, thrown: unknown): StrongroomError {
  if (thrown instanceof StrongroomError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const reason = thrown instanceof Error ? thrown.message || code : String(thrown);
  const subject = `database ${database} on ${access.host}:${access.port}`;
  if (code === NO_DATABASE) return new StrongroomError('SOURCE_MISSING', { subject }, { cause: thrown });
  if (DENIED.has(code)) return new StrongroomError('SOURCE_DENIED', { subject, reason }, { cause: thrown });
  return new StrongroomError('SOURCE_UNAVAILABLE', { reason: `${subject}: ${reason}` }, { cause: thrown });
}

/**
 * The whole environment of a server program. The password goes here, where only the same user can see it, and never
 * into the arguments, which everybody can.
 */
export const toolEnvironment = (access: ServerAccess, database: string): Record<string, string> => ({
  PGHOST: access.host,
  PGPORT: String(access.port),
  PGUSER: access.user,
  PGDATABASE: database,
  PGSSLMODE: access.sslMode,
  PGCONNECT_TIMEOUT: String(CONNECT_TIMEOUT_SECONDS),
  PGAPPNAME: 'strongroom',
  PGPASSFILE: '/dev/null',
  LC_ALL: 'C',
  PATH: '/usr/local/bin:/usr/bin:/bin',
  ...(access.password === undefined ? {} : { PGPASSWORD: access.password }),
});
