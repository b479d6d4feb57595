/** The job queue: pg-boss in the catalogue's database, in its own schema `pgboss`. */
import { fromPrisma, type JobWithMetadata, PgBoss } from 'pg-boss';
import type { CatalogueTransaction } from '../catalogue/client.ts';
import { StrongroomError } from '../errors.ts';
import type { Logger } from '../log.ts';
import { type JobDefinition, jobDefinitions, type QueuePolicy } from './definitions.ts';

/** One attempt at a job, as its handler sees it. */
export interface JobAttempt<Payload> {
  readonly jobId: string;
  readonly payload: Payload;
  /** How often it was given out before: to workers that failed or died. */
  readonly retries: number;
  /** True when a failure now is final: the queue will not give the job out again. */
  readonly last: boolean;
  /** Aborted when the job is no longer this worker's. */
  readonly signal: AbortSignal;
}

export interface WorkOptions {
  /** Jobs of this queue that this process runs at a time. */
  readonly concurrency: number;
}

/** Jobs that are being worked; disposing takes no more and waits for those under way. */
export type Working = AsyncDisposable;

export interface Queue extends AsyncDisposable {
  /** Adds a job within the caller's transaction and answers its id: both are there after the commit, or neither. */
  enqueue<Payload>(
    transaction: CatalogueTransaction,
    job: JobDefinition<Payload>,
    key: string,
    payload: Payload,
  ): Promise<string>;
  /**
   * Removes a job in whatever state, within the caller's transaction; a worker that still runs it can no longer settle
   * it. A job that is not there is fine.
   */
  remove(transaction: CatalogueTransaction, job: JobDefinition<unknown>, jobId: string): Promise<void>;
  /** `live` for a job that waits, is worked, or will be tried again; `failed` for one whose attempts are used up. */
  state(job: JobDefinition<unknown>, jobId: string): Promise<'live' | 'failed' | 'gone'>;
  /** Gives jobs to `handler`. A rejection has the job tried again, with back-off, as long as its policy allows. */
  work<Payload>(
    job: JobDefinition<Payload>,
    options: WorkOptions,
    handler: (attempt: JobAttempt<Payload>) => Promise<void>,
  ): Promise<Working>;
}

export interface QueueOptions {
  readonly log: Logger;
  /** Replaces parts of every queue's policy. */
  readonly policy?: Partial<QueuePolicy>;
  /** Seconds between two looks for jobs whose worker died; jobs that are due are looked for at least every two. */
  readonly patrolSeconds?: number;
  /** Database connections at most, besides one that listens. */
  readonly poolSize?: number;
}

/**
 * The longest one attempt may take, while its worker tells that it is alive: 24 days, as far as a timer of the runtime
 * reaches. pg-boss itself lets one ask for a day only, which a first backup of a large application may well need.
 */
const attemptSeconds = 24 * 24 * 3600;
/** How long a job may wait for a worker at all. */
const retentionSeconds = 365 * 24 * 3600;

/** Opens the queue, making or updating its schema and queues first. Rejects when the database can't be reached. */
export async function createQueue(databaseUrl: string, options: QueueOptions): Promise<Queue> {
  const { log, patrolSeconds = 5 } = options;
  const pollSeconds = Math.min(patrolSeconds, 2);
  const boss = new PgBoss({
    connectionString: databaseUrl,
    application_name: 'strongroom-jobs',
    max: options.poolSize ?? 6,
    useListenNotify: true,
    schedule: false,
    registerInstance: false,
    superviseIntervalSeconds: patrolSeconds,
    monitorIntervalSeconds: patrolSeconds,
  });
  boss.on('error', (error) => log.error('The job queue met an error', { error: new Error(error.message) }));
  boss.on('warning', (warning) => log.warn(`The job queue warns: ${warning.message}`));
  await boss.start();
  try {
    await prepareQueues(boss, options.policy);
  } catch (error) {
    await boss.stop({ graceful: false });
    throw error;
  }

  return {
    async enqueue(transaction, job, key, payload) {
      const data = job.payload.parse(payload);
      const id = await boss.send(job.queue, data as object, { singletonKey: key, db: fromPrisma(transaction) });
      if (id === null) {
        throw new StrongroomError('STATE_CONFLICT', {
          type: job.queue,
          id: key,
          state: 'queued',
          reason: 'it has a job already',
        });
      }
      return id;
    },
    async remove(transaction, job, jobId) {
      await boss.deleteJob(job.queue, jobId, { db: fromPrisma(transaction) });
    },
    async state(job, jobId) {
      const [found] = await boss.findJobs(job.queue, { id: jobId });
      if (found === undefined) return 'gone';
      if (found.state === 'failed') return 'failed';
      return ['created', 'retry', 'active'].includes(found.state) ? 'live' : 'gone';
    },
    async work(job, { concurrency }, handler) {
      const id = await boss.work(
        job.queue,
        {
          includeMetadata: true,
          localConcurrency: concurrency,
          pollingIntervalSeconds: pollSeconds,
          notifyPollingIntervalSeconds: pollSeconds,
          heartbeatRefreshSeconds: policyOf(job, options.policy).heartbeatRefreshSeconds,
        },
        async (jobs: JobWithMetadata<unknown>[]) => {
          for (const one of jobs) {
            await handler({
              jobId: one.id,
              payload: job.payload.parse(one.data),
              retries: one.retryCount,
              last: one.retryCount >= one.retryLimit,
              signal: one.signal,
            });
          }
        },
      );
      return { [Symbol.asyncDispose]: () => boss.offWork(job.queue, { id, wait: true }) };
    },
    [Symbol.asyncDispose]: () => boss.stop({ graceful: true, timeout: 10_000 }),
  };
}

const policyOf = (job: JobDefinition<unknown>, changes: Partial<QueuePolicy> = {}): QueuePolicy => ({
  ...job.policy,
  ...changes,
});

async function prepareQueues(boss: PgBoss, changes: Partial<QueuePolicy> | undefined): Promise<void> {
  for (const job of jobDefinitions) {
    const { retryLimit, retryDelay, retryDelayMax, heartbeatSeconds } = policyOf(job, changes);
    const settings = {
      retryLimit,
      retryDelay,
      retryDelayMax,
      retryBackoff: true,
      heartbeatSeconds,
      retentionSeconds,
      notify: true,
    };
    // `exclusive`: of one key, no two jobs ever wait or run at a time.
    await boss.createQueue(job.queue, { ...settings, policy: 'exclusive' });
    await boss.updateQueue(job.queue, settings);
  }
  await boss
    .getDb()
    .executeSql('UPDATE pgboss.queue SET expire_seconds = $1 WHERE name = ANY($2)', [
      attemptSeconds,
      jobDefinitions.map((job) => job.queue),
    ]);
}
