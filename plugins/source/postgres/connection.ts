/** Talks to the server: as a client, and through its own programs. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { getCACertificates } from 'node:tls';
import pg from 'pg';
import { StrongroomError } from '../../../src/errors.ts';

/** Where the server is and who asks. */
export interface ServerAccess {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  /** With `verify-full` the server proves by a certificate that it is `host`. */
  readonly sslMode: 'disable' | 'prefer' | 'require' | 'verify-full';
  /** Certificates of the authorities that may vouch for the server, as PEM; those that Node trusts when absent. */
  readonly sslRootCertificate: string | undefined;
  /** The database that is backed up. */
  readonly database: string;
  /** The one to be connected to while that is renamed. */
  readonly maintenanceDatabase: string;
  /** Connections that read or write rows at once. */
  readonly connections: number;
  /** How long a lock is waited for. */
  readonly lockTimeoutSeconds: number;
}

const CONNECT_TIMEOUT_SECONDS = 10;
/** What a client asks may take. A server that hangs while its system still answers is noticed by nothing else. */
const QUERY_TIMEOUT = 10 * 60_000;
/** A server whose system has fallen silent is given up after about two minutes. */
const KEEP_ALIVE = { idleSeconds: 10, intervalSeconds: 10, probes: 9, unansweredSeconds: 120 };
const DENIED: ReadonlySet<string> = new Set(['28000', '28P01', '42501']);
const NO_DATABASE = '3D000';
/** Class XX: what the server finds in its own files makes no sense. */
const INTERNAL_CODE = /^XX/;

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
    const client = await openClient(access, database, queryTimeout);
    try {
      return await work(client);
    } finally {
      await client.end();
    }
  } catch (error) {
    throw serverError(access, database, error);
  }
}

/** A connection that the caller closes, and whose errors he translates with `serverError`. See `withClient` for `queryTimeout`. */
export const openClient = (access: ServerAccess, database: string, queryTimeout = QUERY_TIMEOUT): Promise<pg.Client> =>
  connect(access, database, access.sslMode !== 'disable', queryTimeout);

async function connect(access: ServerAccess, database: string, ssl: boolean, queryTimeout: number): Promise<pg.Client> {
  const client = new pg.Client({
    host: access.host,
    port: access.port,
    user: access.user,
    password: access.password ?? '',
    database,
    ssl: ssl ? tlsOf(access) : false,
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

/** A certificate is only checked on demand, as by the server's own programs: without one of a known authority nothing could connect. */
const tlsOf = ({ sslMode, sslRootCertificate: ca }: ServerAccess): { rejectUnauthorized: boolean; ca?: string } => ({
  rejectUnauthorized: sslMode === 'verify-full',
  ...(ca !== undefined && { ca }),
});

/**
 * What went wrong between us and the server, in the words of the catalogue; an error that has them stays as it is.
 * @param part what of the database it is about, if not the whole
 */
export function serverError(access: ServerAccess, database: string, thrown: unknown, part?: string): StrongroomError {
  if (thrown instanceof StrongroomError) return thrown;
  const code = thrown instanceof Error && 'code' in thrown ? String(thrown.code) : '';
  const reason = reasonOf(thrown, code);
  const whole = `database ${database} on ${access.host}:${access.port}`;
  const subject = part === undefined ? whole : `${part} of ${whole}`;
  if (code === NO_DATABASE) return new StrongroomError('SOURCE_MISSING', { subject }, { cause: thrown });
  if (DENIED.has(code)) return new StrongroomError('SOURCE_DENIED', { subject, reason }, { cause: thrown });
  if (INTERNAL_CODE.test(code)) return new StrongroomError('SOURCE_DAMAGED', { subject, reason }, { cause: thrown });
  return new StrongroomError('SOURCE_UNAVAILABLE', { reason: `${subject}: ${reason}` }, { cause: thrown });
}

/** What the server said, with its advice where it gave one. */
function reasonOf(thrown: unknown, code: string): string {
  if (!(thrown instanceof Error)) return String(thrown);
  const advice = 'hint' in thrown && typeof thrown.hint === 'string' ? ` (${thrown.hint})` : '';
  return `${thrown.message || code}${advice}`;
}

/**
 * The whole environment of a server program. The password goes here, where only the same user can see it, and never
 * into the arguments, which everybody can.
 * @param scratch a private directory, which may get a file that the program needs
 */
export async function toolEnvironment(
  access: ServerAccess,
  database: string,
  scratch: string,
): Promise<Record<string, string>> {
  const { sslMode, sslRootCertificate, password } = access;
  const authorities = join(scratch, 'authorities.pem');
  if (sslMode === 'verify-full') {
    // The programs look for them at places of their own; so they trust whom the client above trusts.
    await writeFile(authorities, sslRootCertificate ?? getCACertificates().join('\n'));
  }
  return {
    PGHOST: access.host,
    PGPORT: String(access.port),
    PGUSER: access.user,
    PGDATABASE: database,
    PGSSLMODE: sslMode,
    ...(sslMode === 'verify-full' && { PGSSLROOTCERT: authorities }),
    PGCONNECT_TIMEOUT: String(CONNECT_TIMEOUT_SECONDS),
    PGAPPNAME: 'strongroom',
    PGPASSFILE: '/dev/null',
    LC_ALL: 'C',
    PATH: '/usr/local/bin:/usr/bin:/bin',
    ...(password !== undefined && { PGPASSWORD: password }),
  };
}
