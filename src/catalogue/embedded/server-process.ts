/** The server as a process of ours. */
import { type ChildProcess, spawn } from 'node:child_process';
import { open, readFile, rename, stat } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { StrongroomError } from '../../errors.ts';
import type { ServerAccount } from './account.ts';
import { EMBEDDED_HOST, type EmbeddedLayout, embeddedUrl } from './layout.ts';
import type { Programs } from './programs.ts';
import { SERVER_ENVIRONMENT } from './reach.ts';

export interface ServerProcess {
  /** Resolves when the process is gone, for whatever reason. */
  readonly gone: Promise<void>;
  /** Ends sessions and stops in order; at once if that takes longer than half a minute. */
  stop(): Promise<void>;
}

/** Recovery after a crash may take long; the server says that it is at it. */
const READY_MS = 300_000;
const LOOK_EVERY_MS = 25;
const STOP_MS = 30_000;
const LOG_LIMIT_BYTES = 1_048_576;

const settings: Readonly<Record<string, string>> = {
  listen_addresses: EMBEDDED_HOST,
  unix_socket_directories: '',
  max_connections: '100',
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Nobody replicates from here; the log of changes stays small.
  wal_level: 'minimal',
  max_wal_senders: '0',
  // Statements may hold what is nobody's business in a log.
  log_min_error_statement: 'panic',
};

/** Starts the server and resolves when it answers. Throws `CATALOGUE_UNAVAILABLE` with what it said if it does not. */
export async function startServer(
  layout: EmbeddedLayout,
  account: ServerAccount,
  programs: Programs,
  endpoint: { readonly port: number; readonly password: string },
): Promise<ServerProcess> {
  await turnOverLog(layout.log);
  await using log = await open(layout.log, 'a', 0o600);
  const { size: logStart } = await log.stat();
  const parameters = Object.entries({ ...settings, port: String(endpoint.port) });
  // In a group of its own, or the terminal's Ctrl-C would stop the database before the service has let go of it.
  const child = spawn(
    programs.postgres,
    ['-D', layout.cluster, ...parameters.flatMap(([name, value]) => ['-c', `${name}=${value}`])],
    { ...account.ids, cwd: '/', env: SERVER_ENVIRONMENT, detached: true, stdio: ['ignore', log.fd, log.fd] },
  );
  const gone = goneOf(child);
  const server: ServerProcess = { gone, stop: () => stop(child, gone) };
  try {
    await ready(embeddedUrl(endpoint.port, endpoint.password, 'postgres'), gone);
    return server;
  } catch (error) {
    await server.stop();
    const said = (await readFile(layout.log))
      .subarray(logStart)
      .toString('utf8')
      .trim()
      .split('\n')
      .slice(-5)
      .join(' ');
    const reason = `the embedded PostgreSQL did not start: ${said || String(error)}`;
    throw new StrongroomError('CATALOGUE_UNAVAILABLE', { reason }, { cause: error });
  }
}

/**
 * When the process is gone. A program that can't be started counts as gone at once; `ready` then says so. If the service
 * ends without stopping it, because of an uncaught error, it is told to stop by itself.
 */
function goneOf(child: ChildProcess): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const leave = (): void => {
    child.kill('SIGINT');
  };
  const settle = (): void => {
    process.removeListener('exit', leave);
    resolve();
  };
  process.once('exit', leave);
  child.once('exit', settle);
  child.once('error', settle);
  return promise;
}

async function ready(url: string, gone: Promise<void>): Promise<void> {
  let ended = false;
  const watch = (async () => {
    await gone;
    ended = true;
  })();
  const deadline = performance.now() + READY_MS;
  for (;;) {
    const failure = await signIn(url);
    if (failure === undefined) return;
    if (ended) throw new Error('it ended at once', { cause: failure });
    // 28P01: the password is wrong. Trying again would not help.
    if ('code' in failure && failure.code === '28P01') throw failure;
    if (performance.now() > deadline) throw failure;
    await Promise.race([delay(LOOK_EVERY_MS), watch]);
  }
}

/** Why signing in failed, or `undefined`. */
async function signIn(url: string): Promise<Error | undefined> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on('error', () => 'reported by the call that meets it');
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  } finally {
    await client.end();
  }
}

async function stop(child: ChildProcess, gone: Promise<void>): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGINT');
  const late = new AbortController();
  const timer = delay(STOP_MS, 'late', { signal: late.signal, ref: false }).catch(() => 'stopped in time');
  if ((await Promise.race([gone, timer])) === 'late') {
    child.kill('SIGQUIT');
    await gone;
  }
  late.abort();
}

/** Keeps the log of the last starts within bounds. */
async function turnOverLog(path: string): Promise<void> {
  const size = await stat(path).then(
    (found) => found.size,
    (error: unknown) => {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return 0;
      throw error;
    },
  );
  if (size > LOG_LIMIT_BYTES) await rename(path, `${path}.1`);
}
