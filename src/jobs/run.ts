/** One attempt at a run, whatever its kind: from the job to the row's next state. Safe against an end at any point. */
import { asStrongroomError } from '../errors.ts';
import { bandwidthOf } from '../services/access.ts';
import { createAttempt } from './attempt.ts';
import type { RunPayload } from './definitions.ts';
import type { JobAttempt } from './queue.ts';
import { createReporter } from './reporter.ts';
import type { RunControl, Stop } from './run-control.ts';
import { hasEnded, openStatuses, type RunRow, rowsOf } from './run-rows.ts';
import type { RunDeps, RunOperation, RunSpec } from './run-spec.ts';

/**
 * Carries out one attempt. Resolves when the row says what came of it; rejects when the queue is to try again. All
 * writes are fenced by the number of the attempt: one whose job was given to another worker changes nothing any more.
 */
export async function runAttempt<O extends RunOperation>(
  deps: RunDeps,
  spec: RunSpec<O>,
  control: RunControl,
  job: JobAttempt<RunPayload>,
): Promise<void> {
  const kind = spec.job.queue;
  const rows = rowsOf[kind];
  const id = job.payload.runId;
  const row = await rows.find(deps.prisma, id);
  // A job that the row does not know any more was replaced by another one.
  if (row === null || hasEnded(row.status) || row.jobId !== job.jobId) return;

  const attempt = createAttempt(deps, spec, job, row);
  using place = control.enter(kind, id);
  if (row.cancelRequestedAt !== null) return await attempt.cancelled();
  if (place.signal.aborted) return await attempt.handBack();
  const run = await attempt.begin();
  if (run === undefined) {
    // Ended or asked to end since it was read: a second look finds out.
    if (job.signal.aborted) throw new Error('The job was given to another worker.');
    return await runAttempt(deps, spec, control, job);
  }

  const lost = lostControl(job.signal);
  const signal = AbortSignal.any([place.signal, lost.signal]);
  const log = deps.log.with({ kind, id, attempt: run.attempt });
  const fence = { status: { in: openStatuses }, attempts: run.attempt };
  let repositoryId: string | undefined;
  const reporter = createReporter({
    clock: deps.clock,
    publish: (progress) => deps.feed.progress(kind, id, progress),
    beat: async (progress) => {
      if (progress !== undefined) await rows.change(deps.prisma, id, fence, { progress });
      const present = await rows.find(deps.prisma, id);
      // A worker that was thought dead and lives must not go on beside the one that has its run.
      if (present !== null && !isStillOurs(present, job.jobId, run.attempt)) lost.abort('lost' satisfies Stop);
      else if (present === null || present.cancelRequestedAt !== null) control.cancel(kind, id);
      if (repositoryId !== undefined) await heedBandwidth(deps, repositoryId);
    },
    onError: (error) => log.warn('Progress could not be passed on', { error }),
  });
  const work = async () => {
    const input = await spec.prepare(run);
    ({ repositoryId } = input.repository);
    return await deps.engine.run(spec.operation, input, { signal, onProgress: reporter.report });
  };
  log.info('A run starts');
  const outcome = await work().then(
    (result) => ({ result }),
    (thrown: unknown) => ({ error: asStrongroomError(thrown) }),
  );
  await reporter[Symbol.asyncDispose]();

  const progress = reporter.latest;
  if ('result' in outcome) {
    log.info('A run is done');
    return await attempt.succeeded(run, outcome.result, progress);
  }
  const stop: Stop | undefined = signal.aborted ? signal.reason : undefined;
  log.info('A run stops', { reason: stop ?? 'failed', error: outcome.error });
  if (stop === 'cancelled') return await attempt.cancelled(progress);
  if (stop === 'handedBack') return await attempt.handBack(progress);
  if (stop === 'lost') throw new Error('The job was given to another worker.');
  return await attempt.failed(outcome.error, progress);
}

/** Passes the limits of the repository on as they are now. */
async function heedBandwidth({ prisma, engine }: RunDeps, repositoryId: string): Promise<void> {
  const select = { uploadBytesPerSecond: true, downloadBytesPerSecond: true };
  const row = await prisma.repository.findUnique({ where: { repositoryId }, select });
  if (row !== null) engine.limitBandwidth(repositoryId, bandwidthOf(row));
}

const isStillOurs = (row: RunRow, jobId: string, attempt: number): boolean =>
  !hasEnded(row.status) && row.attempts === attempt && row.jobId === jobId;

/** Aborted with the job's own signal, or by whoever finds out otherwise. */
function lostControl(signal: AbortSignal): AbortController {
  const lost = new AbortController();
  const abort = (): void => lost.abort('lost' satisfies Stop);
  if (signal.aborted) abort();
  else signal.addEventListener('abort', abort, { once: true });
  return lost;
}
