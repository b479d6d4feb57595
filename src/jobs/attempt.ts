/** The states that one attempt brings its run into: each with its event in one transaction, fenced and announced. */
import type { CatalogueTransaction } from '../catalogue/client.ts';
import { Prisma } from '../catalogue/generated/prisma/client.ts';
import type { EngineOutput } from '../engine/operations.ts';
import type { StrongroomError } from '../errors.ts';
import type { RunPayload } from './definitions.ts';
import type { JobAttempt } from './queue.ts';
import type { RunProgress } from './rate.ts';
import { recordRunEvent, type RunEvent, workerActor } from './run-events.ts';
import { openStatuses, type RunChange, type RunExpectation, type RunRow, rowsOf } from './run-rows.ts';
import type { RunDeps, RunOperation, RunSpec, RunStart } from './run-spec.ts';

/**
 * Every method but `begin` ends the attempt. A write that finds the run given to another worker or ended by somebody
 * else changes nothing, and that is no error.
 */
export interface Attempt<O extends RunOperation> {
  /** Marks the run as running; `undefined` when it is not this attempt's to run. */
  begin(): Promise<RunStart | undefined>;
  succeeded(run: RunStart, result: EngineOutput<O>, progress: RunProgress | undefined): Promise<void>;
  cancelled(progress?: RunProgress): Promise<void>;
  /** Ends the run as failed, or rejects so that the queue tries it again. */
  failed(error: StrongroomError, progress?: RunProgress): Promise<void>;
  /** Gives the run to another worker at once, without counting it as a failure. */
  handBack(progress?: RunProgress): Promise<void>;
}

export function createAttempt<O extends RunOperation>(
  deps: RunDeps,
  spec: RunSpec<O>,
  job: JobAttempt<RunPayload>,
  row: RunRow,
): Attempt<O> {
  const { clock, prisma, queue } = deps;
  const kind = spec.job.queue;
  const rows = rowsOf[kind];
  const id = row.id;
  let attempts = row.attempts;

  const transition = (
    change: RunChange,
    event: RunEvent,
    more: { expect?: RunExpectation; also?: (transaction: CatalogueTransaction) => Promise<void> } = {},
  ): Promise<boolean> =>
    prisma.$transaction(async (transaction) => {
      const fence = { status: { in: openStatuses }, attempts, jobId: job.jobId, ...more.expect };
      if (!(await rows.change(transaction, id, fence, change))) return false;
      await more.also?.(transaction);
      await recordRunEvent(transaction, kind, row, event, workerActor);
      await deps.feed.changed(transaction, kind, id);
      return true;
    });

  const cancelled = async (progress?: RunProgress): Promise<void> => {
    await transition(
      { status: 'CANCELLED', completedAt: clock.now(), ...kept(progress), ...noError },
      { what: 'cancelled', severity: 'WARNING' },
    );
  };

  return {
    async begin() {
      const startedAt = row.startedAt ?? clock.now();
      const attempt = attempts + 1;
      const begun = await transition(
        { status: 'RUNNING', attempts: attempt, startedAt },
        { what: 'started', severity: 'INFO', facts: { attempt } },
        { expect: { cancelRequestedAt: null } },
      );
      if (!begun) return undefined;
      attempts = attempt;
      return { id, attempt, startedAt };
    },
    async succeeded(run, result, progress) {
      const completedAt = clock.now();
      const status = spec.statusOf(result);
      await transition(
        { status, completedAt, ...kept(progress), ...noError },
        { what: 'completed', severity: status === 'PARTIAL' ? 'WARNING' : 'INFO', facts: { status } },
        { also: (transaction) => spec.store(transaction, run, result, completedAt) },
      );
    },
    cancelled,
    async failed(error, progress) {
      const why = { errorCode: error.code, errorDetails: error.details };
      const facts = { code: error.code, message: error.message };
      if (job.last || !mayHelpToRetry(error, job.retries)) {
        await transition(
          { status: 'FAILED', completedAt: clock.now(), ...kept(progress), ...why },
          { what: 'failed', severity: 'ERROR', facts },
        );
        return;
      }
      const queued = await transition(
        { status: 'QUEUED', ...kept(progress), ...why },
        { what: 'retrying', severity: 'WARNING', facts },
        { expect: { cancelRequestedAt: null } },
      );
      if (!queued) return cancelled(progress);
      // For the queue alone: its record of the job keeps the message.
      throw new Error(`to be tried again after ${error.code}`);
    },
    async handBack(progress) {
      const given = await transition(
        { status: 'QUEUED', ...kept(progress) },
        { what: 'requeued', severity: 'INFO' },
        {
          expect: { cancelRequestedAt: null },
          also: async (transaction) => {
            await queue.remove(transaction, spec.job, job.jobId);
            const jobId = await queue.enqueue(transaction, spec.job, id, { runId: id });
            await rows.change(transaction, id, {}, { jobId });
          },
        },
      );
      if (!given) await cancelled(progress);
    },
  };
}

/** `internal` is mostly a thread that died; what happens three times in a row is a defect and not worth more patience. */
const mayHelpToRetry = (error: StrongroomError, retries: number): boolean =>
  error.category === 'unavailable' || (error.category === 'internal' && retries < 2);

const noError = { errorCode: null, errorDetails: Prisma.DbNull } as const;

const kept = (progress: RunProgress | undefined): RunChange => (progress === undefined ? {} : { progress });
