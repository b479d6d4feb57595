/** A private, real PostgreSQL server for a test: own directory, own port, gone with the test. */
import { chmod, chown, copyFile, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { findPostgresBinaries } from './programs.ts';
import { makeTempDir } from './temp-dir.ts';
import { accountOf, type Account } from './unprivileged-account.ts';
import { waitFor } from './wait-for.ts';

export interface PostgresServer extends AsyncDisposable {
  /** Address of the database `postgres`, with user and password. */
  readonly url: string;
  readonly host: string;
  readonly port: number;
  /** A superuser. */
  readonly user: string;
  readonly password: string;
  /** Directory of its Unix socket. */
  readonly socketDirectory: string;
  /** With TLS, the certificate that it shows, of no authority; good for `localhost`. */
  readonly certificate: string;
  /** Directory of the server and client programs that run here. */
  readonly binaries: string;
  /** Makes an empty database and returns its address. */
  createDatabase(name: string): Promise<string>;
  /** Ends the server at once, as a power cut would. Disposing is still needed. */
  kill(): Promise<void>;
  /** Starts it again after that, with what it had. */
  restart(): Promise<void>;
}

const FILE_BLOCK = 512;
const HOST = '127.0.0.1';
const USER = 'postgres';
const PASSWORD = 'test only';

/**
 * Starts a server in about a second. When root, it runs as the user `postgres`, since PostgreSQL refuses root. Nothing is
 * flushed to disk. `settings` are server parameters, for instance `{ max_connections: '20' }`. `mostFileBytes` is the length that no file may
 * exceed, as on a disk that is full.
 */
export async function startPostgres(
  settings: Readonly<Record<string, string>> = {},
  { tls = false, mostFileBytes }: { readonly tls?: boolean; readonly mostFileBytes?: number } = {},
): Promise<PostgresServer> {
  await using cleanup = new AsyncDisposableStack();
  const binaries = await findPostgresBinaries();
  if (binaries === undefined) throw new Error('There is no PostgreSQL server on this machine: run `npm test` once.');
  const directory = cleanup.use(await makeTempDir('postgres'));
  const account = await accountOf(['postgres', 'nobody']);
  const data = directory.join('data');
  const passwordFile = directory.join('password');
  await mkdir(data, { mode: 0o700 });
  await writeFile(passwordFile, PASSWORD, { mode: 0o600 });
  if (account !== undefined) {
    await Promise.all([directory.path, data, passwordFile].map((path) => chown(path, account.uid, account.gid)));
  }
  const options: LaunchOptions = { ...account, cwd: directory.path };
  await execa(
    join(binaries, 'initdb'),
    [
      '-D',
      data,
      '-U',
      USER,
      '-A',
      'scram-sha-256',
      `--pwfile=${passwordFile}`,
      '-E',
      'UTF8',
      '--no-locale',
      '--no-sync',
    ],
    options,
  );

  const port = await freePort();
  const encrypted = tls ? await encryption(directory.path, account) : {};
  const own = { port: String(port), unix_socket_directories: directory.path };
  const parameters = { ...fastAndLocal, ...encrypted, ...settings, ...own };
  const start = (): Running => launch(join(binaries, 'postgres'), data, parameters, { ...options, mostFileBytes });
  let server = start();
  cleanup.defer(() => stop(server, 'SIGINT'));
  const urlOf = (database: string): string =>
    `postgresql://${USER}:${encodeURIComponent(PASSWORD)}@${HOST}:${port}/${encodeURIComponent(database)}`;
  await ready(server, urlOf('postgres'));

  const owned = cleanup.move();
  return {
    url: urlOf('postgres'),
    host: HOST,
    port,
    user: USER,
    password: PASSWORD,
    socketDirectory: directory.path,
    certificate: await readFile(CERTIFICATE, 'utf8'),
    binaries,
    createDatabase: async (name) => {
      await query(urlOf('postgres'), `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
      return urlOf(name);
    },
    kill: () => stop(server, 'SIGQUIT'),
    async restart() {
      server = start();
      await ready(server, urlOf('postgres'));
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const CERTIFICATE = join(import.meta.dirname, '../fixtures/tls/server-certificate.pem');
const KEY = join(import.meta.dirname, '../fixtures/tls/server-key.pem');

/** Settings for TLS. The server reads only a key that is its own. */
async function encryption(directory: string, account: Account | undefined): Promise<Record<string, string>> {
  const key = join(directory, 'key.pem');
  await copyFile(KEY, key);
  await chmod(key, 0o600);
  if (account !== undefined) await chown(key, account.uid, account.gid);
  return { ssl: 'on', ssl_cert_file: CERTIFICATE, ssl_key_file: key };
}

const fastAndLocal: Readonly<Record<string, string>> = {
  listen_addresses: HOST,
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  shared_buffers: '32MB',
  max_connections: '50',
};

interface LaunchOptions {
  readonly cwd: string;
  readonly uid?: number;
  readonly gid?: number;
}

function launch(
  program: string,
  data: string,
  parameters: Readonly<Record<string, string>>,
  { mostFileBytes, ...options }: LaunchOptions & { readonly mostFileBytes: number | undefined },
) {
  const args = ['-D', data, ...Object.entries(parameters).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  // The shell counts in blocks.
  const limited = ['-c', `ulimit -f ${(mostFileBytes ?? 0) / FILE_BLOCK}; exec "$0" "$@"`, program, ...args];
  return execa(mostFileBytes === undefined ? program : 'sh', mostFileBytes === undefined ? args : limited, {
    ...options,
    reject: false,
    all: true,
    maxBuffer: 1024 * 1024,
  });
}
type Running = ReturnType<typeof launch>;

async function ready(server: Running, url: string): Promise<void> {
  const ended = server.then((result) => {
    throw new Error(`PostgreSQL ended instead of starting: ${result.all}`);
  });
  const answers = waitFor(() => query(url, 'SELECT 1').then(() => true), {
    message: 'PostgreSQL to answer',
    timeoutMs: 30_000,
  });
  await Promise.race([answers, ended]);
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => client.removeAllListeners());
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}

async function stop(server: Running, signal: 'SIGINT' | 'SIGQUIT'): Promise<void> {
  server.kill(signal);
  await server;
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const probe = createServer();
  probe.once('error', reject);
  probe.listen(0, HOST, () => {
    const address = probe.address();
    probe.close(() => {
      if (address !== null && typeof address === 'object') resolve(address.port);
      else reject(new Error('The probe for a free port has no address.'));
    });
  });
  return promise;
}
