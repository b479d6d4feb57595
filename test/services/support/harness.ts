/** Services and workers over a real database, with an engine that does what a test tells it. */
import { randomBytes, randomUUID } from 'node:crypto';
import { applyMigrations } from '../../../prisma/migrate.ts';
import { type ChangeFeed, openChangeFeed } from '../../../src/catalogue/change-feed.ts';
import { type Catalogue, openCatalogue } from '../../../src/catalogue/client.ts';
import { createSealing, type Sealing } from '../../../src/catalogue/sealing.ts';
import { systemClock } from '../../../src/clock.ts';
import { createQueue, type Queue } from '../../../src/jobs/queue.ts';
import { startWorker } from '../../../src/jobs/worker.ts';
import { createLogger, type Logger } from '../../../src/log.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { type Actor, createServices, type Services } from '../../../src/services/index.ts';
import type { CreateBackupInput } from '../../../src/services/backups.ts';
import type { RunKind, RunStatus } from '../../../src/services/progress.ts';
import { createFakeEngine, type FakeEngine } from '../../support/fake-engine.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import { waitFor } from '../../support/wait-for.ts';
import { testPlugins } from './plugins.ts';

export const actor: Actor = { kind: 'token', name: 'tester' };
/** Secrets that must show nowhere. */
export const passphrase = 'a passphrase nobody may see';
export const token = 'a-token-nobody-may-see';
export const password = 'a-password-nobody-may-see';

export interface Harness extends AsyncDisposable {
  readonly url: string;
  readonly catalogue: Catalogue;
  readonly feed: ChangeFeed;
  readonly queue: Queue;
  readonly engine: FakeEngine;
  readonly services: Services;
  readonly sealing: Sealing;
  readonly instanceKey: Buffer;
  /** Lines of the log so far. */
  readonly lines: readonly string[];
  /** Works the queues until it is disposed. */
  work(name?: string): Promise<AsyncDisposable>;
  /** A workload with one source of each kind, and a repository. */
  prepare(): Promise<{ readonly workloadId: string; readonly repositoryId: string }>;
  /** Queues a backup of a fresh workload. */
  backup(input?: Partial<CreateBackupInput>): Promise<string>;
  /** Waits until the run is in that state, and answers its row. */
  until(kind: RunKind, id: string, ...status: readonly RunStatus[]): Promise<RunRow>;
}

export interface RunRow {
  readonly status: RunStatus;
  readonly attempts: number;
  readonly errorCode: string | null;
  readonly jobId: string | null;
}

/** What workers are tuned to in tests: as fast as the queue allows. */
export const fast = {
  policy: { retryLimit: 3, retryDelay: 1, retryDelayMax: 1, heartbeatSeconds: 10, heartbeatRefreshSeconds: 2 },
  patrolSeconds: 1,
};

export async function startHarness(): Promise<Harness> {
  await using cleanup = new AsyncDisposableStack();
  const lines: string[] = [];
  const log: Logger = createLogger({
    level: 'debug',
    format: 'json',
    clock: systemClock,
    write: (line) => lines.push(line),
  });
  const server = cleanup.use(await startPostgres());
  const { url } = server;
  await applyMigrations(url, () => undefined);
  const catalogue = cleanup.use(openCatalogue(url));
  const feed = cleanup.use(await openChangeFeed(url, catalogue, (line) => lines.push(line)));
  const queue = cleanup.use(await createQueue(url, { log, ...fast }));
  const engine = createFakeEngine();
  const instanceKey = randomBytes(32);
  const sealing = createSealing(instanceKey);
  const host = {
    allowedPath: (path: string) =>
      path.startsWith('/allowed')
        ? Promise.resolve(path)
        : Promise.reject(new StrongroomError('PATH_NOT_ALLOWED', { path })),
  };
  const services = createServices({
    catalogue,
    queue,
    engine,
    plugins: testPlugins(),
    sealing,
    feed,
    clock: systemClock,
    host,
  });
  const owned = cleanup.move();

  const prepare: Harness['prepare'] = async () => {
    const name = randomUUID();
    const { id: workloadId } = await services.workloads.create(actor, { name });
    for (const [source, plugin] of [
      ['orders', 'database'],
      ['uploads', 'files'],
      ['app', 'settings'],
    ] as const) {
      const configuration = { place: `/srv/${source}`, password };
      await services.sources.create(actor, { workloadId, name: source, plugin, configuration });
    }
    const storage = { plugin: 'bucket', configuration: { address: name, credentials: { user: 'me', token } } };
    const { id: repositoryId } = await services.repositories.create(actor, { name, storage, passphrase });
    return { workloadId, repositoryId };
  };

  return {
    url,
    catalogue,
    feed,
    queue,
    engine,
    services,
    sealing,
    instanceKey,
    lines,
    work: (name = 'tests') =>
      startWorker({ catalogue, queue, engine, feed, sealing, clock: systemClock, log, worker: { name, lanes: 4 } }),
    prepare,
    async backup(input = {}) {
      const { id } = await services.backups.create(actor, { ...(await prepare()), ...input });
      return id;
    },
    until: (kind, id, ...wanted) =>
      waitFor(
        async () => {
          const row = await findRun(catalogue, kind, id);
          return wanted.includes(row.status) ? row : undefined;
        },
        { message: `${kind} ${id} to be ${wanted.join(' or ')}`, timeoutMs: 25_000 },
      ),
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

const findRun = ({ prisma }: Catalogue, kind: RunKind, id: string): Promise<RunRow> => {
  if (kind === 'backup') return prisma.backup.findUniqueOrThrow({ where: { id } });
  if (kind === 'restore') return prisma.restore.findUniqueOrThrow({ where: { id } });
  return prisma.verification.findUniqueOrThrow({ where: { id } });
};

/** The code and field of what a promise rejects with. */
export const refusal = (promise: Promise<unknown>): Promise<{ code: string; field?: unknown; reason?: unknown }> =>
  promise.then(
    () => {
      throw new Error('It was not refused.');
    },
    (error: unknown) => {
      if (!(error instanceof StrongroomError)) throw error;
      return { code: error.code, ...error.details };
    },
  );
