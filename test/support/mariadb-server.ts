/** A private, real MariaDB server for a test: own directory, own port, gone with the test. */
import { chown, mkdir, readFile, writeFile, copyFile, chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { createConnection } from 'mysql2/promise';
import { freePort } from './postgres-server.ts';
import { findProgram } from './programs.ts';
import { makeTempDir } from './temp-dir.ts';
import { accountOf, type Account } from './unprivileged-account.ts';
import { waitFor } from './wait-for.ts';

export interface MariadbServer extends AsyncDisposable {
  readonly host: string;
  readonly port: number;
  /** May do everything. */
  readonly user: string;
  readonly password: string;
  /** Path of its Unix socket. */
  readonly socket: string;
  /** With TLS, the certificate that it shows, of no authority; good for `localhost`. */
  readonly certificate: string;
  /** Ends the server at once, as a power cut would. Disposing is still needed. */
  kill(): Promise<void>;
  /** Starts it again after that, with what it had. */
  restart(): Promise<void>;
}

const HOST = '127.0.0.1';
const USER = 'root';
const PASSWORD = 'test only';

/** Nothing is flushed to disk. */
const fastAndLocal: Readonly<Record<string, string>> = {
  'innodb-flush-log-at-trx-commit': '0',
  'innodb-flush-method': 'nosync',
  'innodb-buffer-pool-size': '64M',
  'skip-name-resolve': '1',
  'max-connections': '60',
  'performance-schema': '0',
};

/** Starts a server in some seconds. When root, it runs as the user `mysql`. `settings` are options of the server. */
export async function startMariadb(
  settings: Readonly<Record<string, string>> = {},
  { tls = false } = {},
): Promise<MariadbServer> {
  await using cleanup = new AsyncDisposableStack();
  const program = await findProgram('mariadbd');
  const installer = await findProgram('mariadb-install-db');
  if (program === undefined || installer === undefined) {
    throw new Error('There is no MariaDB server on this machine: run `npm test` once.');
  }
  const directory = cleanup.use(await makeTempDir('mariadb'));
  const account = await accountOf(['mysql', 'nobody']);
  const data = directory.join('data');
  const setUp = directory.join('set-up.sql');
  // Servers that share one delete each other's temporary tables.
  const temporary = directory.join('temporary');
  await mkdir(data, { mode: 0o700 });
  await mkdir(temporary, { mode: 0o700 });
  await writeFile(
    setUp,
    ['localhost', '127.0.0.1']
      .map(
        (host) =>
          `CREATE OR REPLACE USER '${USER}'@'${host}' IDENTIFIED BY '${PASSWORD}';\nGRANT ALL ON *.* TO '${USER}'@'${host}' WITH GRANT OPTION;\n`,
      )
      .join(''),
  );
  if (account !== undefined) {
    await Promise.all([directory.path, data, temporary, setUp].map((path) => chown(path, account.uid, account.gid)));
  }
  const options = { ...account, cwd: directory.path, env: { TMPDIR: temporary } };
  await execa(
    installer,
    [
      '--no-defaults',
      `--datadir=${data}`,
      '--auth-root-authentication-method=normal',
      '--skip-test-db',
      '--skip-name-resolve',
    ],
    options,
  );
  const port = await freePort();
  const socket = directory.join('socket');
  const encrypted = tls ? await encryption(directory.path, account) : {};
  const own = {
    datadir: data,

    port: String(port),
    socket,
    'bind-address': HOST,
    'init-file': setUp,
  };
  const parameters = Object.entries({ ...fastAndLocal, ...encrypted, ...settings, ...own });
  const launch = () =>
    execa(program, ['--no-defaults', ...parameters.map(([name, value]) => `--${name}=${value}`)], {
      ...options,
      reject: false,
      all: true,
      maxBuffer: 1024 * 1024,
    });
  let server = launch();
  // What it holds is thrown away: it needs no orderly end.
  const kill = async (): Promise<void> => {
    server.kill('SIGKILL');
    await server;
  };
  cleanup.defer(kill);
  const ready = async (): Promise<void> => {
    const ended = server.then((result) => {
      throw new Error(`MariaDB ended instead of starting: ${result.all}`);
    });
    ended.catch(() => undefined);
    const answers = waitFor(() => isAnswering(port, tls), { message: 'MariaDB to answer', timeoutMs: 30_000 });
    await Promise.race([answers, ended]);
  };
  await ready();
  const owned = cleanup.move();
  return {
    host: HOST,
    port,
    user: USER,
    password: PASSWORD,
    socket,
    certificate: await readFile(CERTIFICATE, 'utf8'),
    kill,
    async restart() {
      server = launch();
      await ready();
    },
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

async function isAnswering(port: number, tls: boolean): Promise<boolean> {
  const ssl = tls ? { ssl: { rejectUnauthorized: false } } : {};
  const connection = await createConnection({ host: HOST, port, user: USER, password: PASSWORD, ...ssl });
  await connection.end();
  return true;
}

const CERTIFICATE = join(import.meta.dirname, '../fixtures/tls/server-certificate.pem');
const KEY = join(import.meta.dirname, '../fixtures/tls/server-key.pem');

/** Settings for TLS. The server must be able to read both. */
async function encryption(directory: string, account: Account | undefined): Promise<Record<string, string>> {
  const [certificate, key] = [join(directory, 'certificate.pem'), join(directory, 'key.pem')];
  await copyFile(CERTIFICATE, certificate);
  await copyFile(KEY, key);
  await chmod(key, 0o600);
  for (const path of [certificate, key]) if (account !== undefined) await chown(path, account.uid, account.gid);
  return { 'ssl-cert': certificate, 'ssl-key': key };
}
