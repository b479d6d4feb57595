/** Works the queues in this process until it is disposed. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ChangeFeed } from '../catalogue/change-feed.ts';
import type { Catalogue } from '../catalogue/client.ts';
import type { Sealing } from '../catalogue/sealing.ts';
import { createAccess } from '../services/access.ts';
import { backupSpec } from './handlers/backup.ts';
import { discardDuePrevious, queueDuePrevious } from './handlers/previous.ts';
import { restoreSpec } from './handlers/restore.ts';
import { verificationSpec } from './handlers/verification.ts';
import type { JobAttempt, Working } from './queue.ts';
import { previousJob, type RunPayload } from './definitions.ts';
import { recoverRuns } from './recover.ts';
import { runAttempt } from './run.ts';
import { createRunControl, type RunControl } from './run-control.ts';
import { createRunFeed } from './run-feed.ts';
import { rowsOf } from './run-rows.ts';
import type { RunDeps, RunOperation, RunSpec } from './run-spec.ts';
import { announceWorker, type WorkerFacts } from './worker-presence.ts';

export interface WorkerDeps extends Pick<RunDeps, 'queue' | 'engine' | 'clock' | 'log'> {
  readonly catalogue: Catalogue;
  readonly feed: ChangeFeed;
  readonly sealing: Sealing;
  readonly worker: WorkerFacts;
  /** Runs of each kind at a time; 2 when absent. */
  readonly concurrency?: number;
}

/** Time between two looks for runs that have no job any more. */
const recoverEveryMs = 15_000;
/** An engine that is aborted stops within two seconds; one that does not is not waited for. */
const patienceMs = 10_000;

/**
 * Takes jobs from all queues. Disposing aborts the runs under way and gives them to other workers at once: whoever
 * continues them finds what they have stored.
 */
export async function startWorker(given: WorkerDeps): Promise<AsyncDisposable> {
  const { queue, engine, clock, log, catalogue } = given;
  const deps: RunDeps = { queue, engine, clock, log, prisma: catalogue.prisma, feed: createRunFeed(given.feed) };
  await using parts = new AsyncDisposableStack();
  parts.use(await announceWorker(deps, given.worker));
  const control = createRunControl();
  const closing = new AbortController();
  const handlers = { prisma: deps.prisma, access: createAccess(given.sealing) };
  const work = <O extends RunOperation>(spec: RunSpec<O>): Promise<Working> =>
    deps.queue.work(spec.job, { concurrency: given.concurrency ?? 2 }, (job: JobAttempt<RunPayload>) =>
      runAttempt(deps, spec, control, job),
    );
  const working = await Promise.all([
    work(backupSpec(handlers)),
    work(restoreSpec(handlers)),
    work(verificationSpec(handlers)),
    deps.queue.work(previousJob, { concurrency: 1 }, (job) => discardDuePrevious(deps, handlers, job)),
  ]);
  const background = Promise.all([heedStops(deps, control, closing.signal), recoverOnAndOn(deps, closing.signal)]);
  deps.log.info('The worker is ready');
  const owned = parts.move();

  return {
    async [Symbol.asyncDispose]() {
      const stopped = Promise.all(working.map((one) => one[Symbol.asyncDispose]()));
      control.handBack();
      closing.abort();
      const inTime = await Promise.race([stopped.then(() => true), delay(patienceMs, false, { ref: false })]);
      if (!inTime) deps.log.warn('Runs did not stop in time; they are taken up by another worker soon');
      await background;
      await owned.disposeAsync();
    },
  };
}

/** Stops runs as soon as somebody asks; their own regular look at the row is the safety net. */
async function heedStops(deps: RunDeps, control: RunControl, signal: AbortSignal): Promise<void> {
  for await (const _request of deps.feed.stopRequests(signal)) {
    for (const { kind, id } of control.running()) {
      try {
        const row = await rowsOf[kind].find(deps.prisma, id);
        if (row === null || row.cancelRequestedAt !== null) control.cancel(kind, id);
      } catch (error) {
        deps.log.warn('A request to stop could not be read', { kind, id, error });
      }
    }
  }
}

async function recoverOnAndOn(deps: RunDeps, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      await recoverRuns(deps);
      await queueDuePrevious(deps);
    } catch (error) {
      deps.log.warn('Runs without a job, or what restores have kept, could not be looked for', { error });
    }
    await delay(recoverEveryMs, undefined, { signal }).catch(() => undefined);
  }
}
