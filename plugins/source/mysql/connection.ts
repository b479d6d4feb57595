/** Talks to the server as a client. */
import { Duplex } from 'node:stream';
import { createConnection, type Connection, type ConnectionOptions, type RowDataPacket } from 'mysql2/promise';
import { StrongroomError } from '../../../src/errors.ts';

/** Where the server is and who asks. */
export interface ServerAccess {
  /** Name or address; a path, which begins with a slash, is that of the server's socket. */
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: string | undefined;
  /** With `verify-full` the server proves by a certificate that it is `host`. */
  readonly sslMode: 'disable' | 'prefer' | 'require' | 'verify-full';
  /** Certificates of the authorities that may vouch for the server, as PEM; those that Node trusts when absent. */
  readonly sslRootCertificate: string | undefined;
  /** Connections that read or write rows at once. */
  readonly connections: number;
  /** How long a lock is waited for. */
  readonly lockTimeoutSeconds: number;
}

const CONNECT_TIMEOUT_MS = 10_000;
const KEEP_ALIVE_AFTER_MS = 10_000;

/** Numbers of errors, as the servers document them. */
export const ErrorNumber = {
  accessDeniedToDatabase: 1044,
  accessDenied: 1045,
  unknownDatabase: 1049,
  noSuchThread: 1094,
  noSuchUser: 1133,
  noSuchTable: 1146,
  noSuchRoutine: 1305,
  tableAccessDenied: 1142,
  columnAccessDenied: 1143,
  lockWaitTimeout: 1205,
  deadlock: 1213,
  specificAccessDenied: 1227,
  definerMissing: 1449,
  tableChanged: 1412,
} as const;

const DENIED: ReadonlySet<number> = new Set([
  ErrorNumber.accessDeniedToDatabase,
  ErrorNumber.accessDenied,
  ErrorNumber.tableAccessDenied,
  ErrorNumber.columnAccessDenied,
  ErrorNumber.specificAccessDenied,
]);

/** The server's number of an error that it has sent. */
export const numberOf = (error: unknown): number | undefined =>
  error instanceof Error && 'errno' in error && typeof error.errno === 'number' ? error.errno : undefined;

/**
 * What every session is set to, so that texts mean the same in all of them and nothing of what a server has for its users' patience
 * applies: no mode changes how definitions are written, times are in UTC, a reader may be slow.
 */
const SESSION = [
  `SET NAMES utf8mb4`,
  `SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION', time_zone = '+00:00', sql_quote_show_create = 1, sql_big_selects = 1, ` +
    `sql_select_limit = 18446744073709551615, wait_timeout = 2147483, net_write_timeout = 86400, net_read_timeout = 86400`,
  `/*M!100101 SET SESSION max_statement_time = 0 */`,
  // Without it a server whose transactions see more than one moment would take no snapshot, and say so in a warning only.
  `SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ`,
  // What the server counts, it says in words.
  `SET SESSION lc_messages = 'en_US'`,
];

/** A connection that the caller closes. Rejects with what `serverError` translates. */
export async function openConnection(access: ServerAccess, signal: AbortSignal): Promise<Connection> {
  signal.throwIfAborted();
  const connection = await connect(access, access.sslMode !== 'disable');
  try {
    for (const statement of SESSION) await connection.query(statement);
    await connection.query(`SET SESSION lock_wait_timeout = ${access.lockTimeoutSeconds}`);
    return connection;
  } catch (error) {
    endAtOnce(connection);
    throw error;
  }
}

async function connect(access: ServerAccess, encrypted: boolean): Promise<Connection> {
  const { host, port, user, password, sslMode } = access;
  const options: ConnectionOptions = {
    ...(host.startsWith('/') ? { socketPath: host } : { host, port }),
    user,
    ...(password !== undefined && { password }),
    ...(encrypted && !host.startsWith('/') && { ssl: tlsOf(access) }),
    charset: 'utf8mb4',
    connectTimeout: CONNECT_TIMEOUT_MS,
    enableKeepAlive: true,
    keepAliveInitialDelay: KEEP_ALIVE_AFTER_MS,
    supportBigNumbers: true,
    dateStrings: true,
    multipleStatements: false,
  };
  try {
    const connection = await createConnection(options);
    // A lost connection fails the query under way; without a listener it would also end the process.
    connection.on('error', () => undefined);
    return connection;
  } catch (error) {
    const refused = error instanceof Error && 'code' in error && error.code === 'HANDSHAKE_NO_SSL_SUPPORT';
    if (encrypted && refused && sslMode === 'prefer') return connect(access, false);
    throw error;
  }
}

/** A certificate is only checked on demand, as by the server's own programs: most servers show one that nobody vouches for. */
const tlsOf = ({ sslMode, sslRootCertificate: ca }: ServerAccess): NonNullable<ConnectionOptions['ssl']> => ({
  rejectUnauthorized: sslMode === 'verify-full',
  verifyIdentity: sslMode === 'verify-full',
  ...(ca !== undefined && { ca }),
});

/** The byte stream of a connection. The client's types do not tell of it; it is there, and another one once it is encrypted. */
export function streamOf(connection: Connection): Duplex {
  const inner: unknown = 'connection' in connection ? connection.connection : undefined;
  const stream: unknown = inner instanceof Object && 'stream' in inner ? inner.stream : undefined;
  if (stream instanceof Duplex) return stream;
  throw new TypeError('The client has no stream.');
}

/** Ends a connection whatever it does. To the client it is lost, so that whoever waits for an answer hears of it. */
export function endAtOnce(connection: Connection): void {
  streamOf(connection).destroy(new Error('the connection was ended'));
}

/** Rows of a query; `R` names its columns. */
export async function rowsOf<R extends object>(
  connection: Connection,
  statement: string,
  values: readonly (string | number)[] = [],
): Promise<readonly R[]> {
  const [rows] = await connection.query<(R & RowDataPacket)[]>(statement, [...values]);
  return rows;
}

/**
 * Runs `work` with a connection of its own, closed afterwards, and at once when the signal is aborted, with what runs there. Errors of the server come as
 * `SOURCE_DENIED`, `SOURCE_MISSING`, `SOURCE_LOCKED` or `SOURCE_UNAVAILABLE`; `CANCELLED` on abort.
 */
export async function withConnection<T>(
  access: ServerAccess,
  signal: AbortSignal,
  work: (connection: Connection) => Promise<T>,
): Promise<T> {
  let threadId: number | undefined;
  try {
    const connection = await openConnection(access, signal);
    ({ threadId } = connection);
    const abort = (): void => endAtOnce(connection);
    signal.addEventListener('abort', abort, { once: true });
    try {
      const result = await work(connection);
      await connection.end();
      return result;
    } finally {
      signal.removeEventListener('abort', abort);
      // What failed may have left something under way.
      endAtOnce(connection);
    }
  } catch (error) {
    const stopped = signal.aborted && threadId !== undefined ? stopOnServer(access, threadId) : Promise.resolve();
    const cause = await stopped.then(
      () => error,
      (second: unknown) => second,
    );
    throw serverError(access, cause, signal);
  }
}

/** A server goes on with what it does for a connection that is gone, and keeps the locks for that. */
export async function stopOnServer(access: ServerAccess, threadId: number): Promise<void> {
  const connection = await openConnection(access, new AbortController().signal);
  try {
    await connection.query(`KILL ${threadId}`);
  } catch (error) {
    if (numberOf(error) !== ErrorNumber.noSuchThread) throw error;
  } finally {
    endAtOnce(connection);
  }
}

/**
 * What went wrong between us and the server, in the words of the catalogue; an error that has them stays as it is.
 * @param part what on the server it is about, if it is known
 */
export function serverError(
  access: ServerAccess,
  thrown: unknown,
  signal: AbortSignal,
  part?: string,
): StrongroomError {
  if (thrown instanceof StrongroomError) return thrown;
  if (signal.aborted) return new StrongroomError('CANCELLED', {}, { cause: thrown });
  const number = numberOf(thrown);
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  const server = `server ${serverName(access)}`;
  const subject = part === undefined ? server : `${part} of ${server}`;
  const cause = { cause: thrown };
  if (number === ErrorNumber.unknownDatabase) return new StrongroomError('SOURCE_MISSING', { subject: reason }, cause);
  if (number !== undefined && DENIED.has(number))
    return new StrongroomError('SOURCE_DENIED', { subject, reason }, cause);
  return new StrongroomError('SOURCE_UNAVAILABLE', { reason: `${subject}: ${reason}` }, cause);
}

export const serverName = ({ host, port }: ServerAccess): string => (host.startsWith('/') ? host : `${host}:${port}`);
