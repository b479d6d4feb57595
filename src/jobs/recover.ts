/** Finds runs that wait for a job which is no more: what a queue that was lost, or workers that kept dying, leave behind. */
import { errorToData, StrongroomError } from '../errors.ts';
import { jobOf, type RunKind } from './definitions.ts';
import { recordRunEvent, workerActor } from './run-events.ts';
import { openStatuses, rowsOf } from './run-rows.ts';
import type { RunDeps } from './run-spec.ts';

const kinds: readonly RunKind[] = ['backup', 'restore', 'verification'];
const mostAtOnce = 1_000;

/** Ends runs whose job was given up, and gives a new job to those that lost theirs. May run in every worker at once. */
export async function recoverRuns(deps: RunDeps): Promise<void> {
  for (const kind of kinds) {
    for (const { id, jobId } of await rowsOf[kind].open(deps.prisma, mostAtOnce)) {
      const state = jobId === null ? 'gone' : await deps.queue.state(jobOf[kind], jobId);
      if (state !== 'live') await recover(deps, kind, id, jobId, state);
    }
  }
}

async function recover(
  deps: RunDeps,
  kind: RunKind,
  id: string,
  jobId: string | null,
  state: 'failed' | 'gone',
): Promise<void> {
  const rows = rowsOf[kind];
  await deps.prisma.$transaction(async (transaction) => {
    // Takes the row's lock, and finds out whether it still is as it was when the job was looked for.
    if (!(await rows.change(transaction, id, { status: { in: openStatuses }, jobId }, { status: 'QUEUED' }))) return;
    const row = await rows.find(transaction, id);
    if (row === null) return;
    if (row.cancelRequestedAt !== null) {
      await rows.change(transaction, id, {}, { status: 'CANCELLED', completedAt: deps.clock.now() });
      await recordRunEvent(transaction, kind, row, { what: 'cancelled', severity: 'WARNING' }, workerActor);
    } else if (state === 'failed') {
      const error = new StrongroomError('RUN_ABANDONED', { attempts: row.attempts });
      const { code: errorCode, details: errorDetails } = errorToData(error);
      await rows.change(
        transaction,
        id,
        {},
        { status: 'FAILED', completedAt: deps.clock.now(), errorCode, errorDetails },
      );
      const facts = { code: error.code, message: error.message };
      await recordRunEvent(transaction, kind, row, { what: 'failed', severity: 'ERROR', facts }, workerActor);
    } else {
      const renewed = await deps.queue.enqueue(transaction, jobOf[kind], id, { runId: id });
      await rows.change(transaction, id, {}, { jobId: renewed });
      await recordRunEvent(transaction, kind, row, { what: 'requeued', severity: 'WARNING' }, workerActor);
    }
    await deps.feed.changed(transaction, kind, id);
  });
}
