/**
 * The catalogue's own PostgreSQL, for those who don't bring one: real PostgreSQL from npm, in the data directory, on the
 * loopback interface, started and stopped with the service. See docs/decisions/0021-embedded-postgresql.md.
 */
import { access, constants, mkdir, realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import pg from 'pg';
import { StrongroomError } from '../errors.ts';
import { serverAccount } from './embedded/account.ts';
import { ensureCluster } from './embedded/cluster.ts';
import { EMBEDDED_NAME, type EmbeddedLayout, embeddedLayout, embeddedUrl } from './embedded/layout.ts';
import { lockDataDirectory } from './embedded/lock.ts';
import { stopOrphan } from './embedded/orphan.ts';
import { choosePort, keptPort } from './embedded/port.ts';
import { packagedPrograms, usablePrograms } from './embedded/programs.ts';
import { openWay } from './embedded/reach.ts';
import { startServer } from './embedded/server-process.ts';
import { superviseServer } from './embedded/supervision.ts';
import { readPrivateFile } from './private-file.ts';

export interface EmbeddedServer extends AsyncDisposable {
  /** Address of the catalogue's database, with its password: never to be logged. Stays the same while the server runs. */
  readonly url: string;
}

export interface EmbeddedServerOptions {
  readonly dataDirectory: string;
  /** Hears what an operator should know, one line each. */
  readonly log: (message: string) => void;
  /** Where PostgreSQL's `bin`, `lib` and `share` lie; those of the npm package when absent. */
  readonly programs?: string;
  /** For root: users to run the server as, the first that is there; the last one is made when none is. */
  readonly accounts?: readonly string[];
}

/**
 * Starts the server, and makes it on first start. Of several services on one data directory the first runs, the others get
 * `CATALOGUE_IN_USE`. A server that a killed service left behind is stopped first. One that dies is started again.
 * Disposing stops it and ends its sessions. Throws `CONFIGURATION_INVALID` with what to change where the machine or the
 * data directory does not allow it, `CATALOGUE_UNAVAILABLE` when the server does not start.
 */
export async function startEmbeddedServer(options: EmbeddedServerOptions): Promise<EmbeddedServer> {
  if (process.platform === 'win32') {
    const reason = 'the embedded PostgreSQL is not for Windows; set DATABASE_URL.';
    throw new StrongroomError('CONFIGURATION_INVALID', { reason });
  }
  await using cleanup = new AsyncDisposableStack();
  const layout = await makeDirectories(options.dataDirectory);
  cleanup.use(await lockDataDirectory(layout));

  const account = await serverAccount(layout.cluster, options.accounts);
  await openWay(account, [layout.data, layout.home]);
  const programs = await usablePrograms(account, options.programs ?? packagedPrograms(), layout.data);
  await stopOrphan(layout, options.log);
  const password = await ensureCluster(layout, account, programs);
  const port = await choosePort(layout);
  const start = () => startServer(layout, account, programs, { port, password });
  cleanup.use(superviseServer(await start(), start, options.log));
  await ensureDatabase(embeddedUrl(port, password, 'postgres'));

  const owned = cleanup.move();
  return { url: embeddedUrl(port, password), [Symbol.asyncDispose]: () => owned.disposeAsync() };
}

/**
 * The address of the server that a service runs on the data directory, for another process of the same user. Throws
 * `CATALOGUE_NOT_RUNNING` when none does.
 */
export async function findEmbeddedServer(dataDirectory: string): Promise<string> {
  const layout = embeddedLayout(dataDirectory);
  const [password, port] = await Promise.all([readPrivateFile(layout.password), keptPort(layout)]);
  const notRunning = (cause?: unknown): StrongroomError =>
    new StrongroomError('CATALOGUE_NOT_RUNNING', { directory: dataDirectory }, { cause });
  if (password === undefined || port === undefined) throw notRunning();
  const url = embeddedUrl(port, password.trim());
  try {
    await query(url, 'SELECT 1');
  } catch (error) {
    throw notRunning(error);
  }
  return url;
}

async function makeDirectories(dataDirectory: string): Promise<EmbeddedLayout> {
  try {
    await mkdir(dirname(resolve(dataDirectory)), { recursive: true });
    await mkdir(dataDirectory, { recursive: true, mode: 0o700 });
    // The server's note of itself and its command line name the place without links.
    const layout = embeddedLayout(await realpath(dataDirectory));
    await mkdir(layout.home, { recursive: true, mode: 0o700 });
    await Promise.all([layout.data, layout.home].map((path) => access(path, constants.W_OK)));
    return layout;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const reason = `the data directory ${dataDirectory} can't be made or used (${why}); set STRONGROOM_DATA_DIR.`;
    throw new StrongroomError('CONFIGURATION_INVALID', { reason }, { cause: error });
  }
}

async function ensureDatabase(url: string): Promise<void> {
  const found = await query(url, `SELECT 1 FROM pg_database WHERE datname = '${EMBEDDED_NAME}'`);
  if (found.rowCount === 0) await query(url, `CREATE DATABASE ${EMBEDDED_NAME}`);
}

async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => 'reported by the call that meets it');
  try {
    await client.connect();
    return await client.query(text);
  } finally {
    await client.end();
  }
}
