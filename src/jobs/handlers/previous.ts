/** Lets go of what restores have replaced and kept, when its time has come. */
import { appendEvent } from '../../catalogue/events.ts';
import { StrongroomError } from '../../errors.ts';
import { keptSources } from '../../services/restore-input.ts';
import { type PreviousPayload, previousJob } from '../definitions.ts';
import type { JobAttempt } from '../queue.ts';
import { workerActor } from '../run-events.ts';
import type { RunDeps } from '../run-spec.ts';
import type { HandlerDeps } from './backup.ts';

const MOST_AT_ONCE = 100;

/** Queues a job for each restore whose time has come and that has none. May run in every worker at once. */
export async function queueDuePrevious({ prisma, queue, clock }: RunDeps): Promise<void> {
  const due = await prisma.restore.findMany({
    where: { previousUntil: { lte: clock.now() } },
    select: { id: true },
    take: MOST_AT_ONCE,
  });
  for (const { id } of due) {
    try {
      await prisma.$transaction((transaction) => queue.enqueue(transaction, previousJob, id, { restoreId: id }));
    } catch (error) {
      const hasOne = error instanceof StrongroomError && error.code === 'STATE_CONFLICT';
      if (!hasOne) throw error;
    }
  }
}

/** Carries out one such job. A rejection has it tried again. */
export async function discardDuePrevious(
  { prisma, engine, feed, clock }: RunDeps,
  { access }: HandlerDeps,
  { payload, signal }: JobAttempt<PreviousPayload>,
): Promise<void> {
  const id = payload.restoreId;
  const due = { id, previousUntil: { lte: clock.now() } };
  const row = await prisma.restore.findFirst({ where: due, include: { backup: { select: { name: true } } } });
  if (row === null) return;
  const sources = await keptSources({ prisma, access }, row);
  await engine.run('discardPrevious', { restoreId: id, sources }, { signal });
  await prisma.$transaction(async (transaction) => {
    const { count } = await transaction.restore.updateMany({ where: due, data: { previousUntil: null } });
    if (count === 0) return;
    await appendEvent(transaction, {
      type: 'restore.previousDiscarded',
      severity: 'INFO',
      summary: `What the restore of ${row.backup.name} replaced is let go of.`,
      actor: workerActor,
      subject: { type: 'Restore', id },
      data: {},
    });
    await feed.changed(transaction, 'restore', id);
  });
}
