/** What can be asked of every kind of run: queue it, stop it. */
import type { CatalogueTransaction } from '../catalogue/client.ts';
import { StrongroomError } from '../errors.ts';
import { jobOf, type RunKind } from '../jobs/definitions.ts';
import { recordRunEvent } from '../jobs/run-events.ts';
import { hasEnded, type RunRow, rowsOf } from '../jobs/run-rows.ts';
import { type Actor, actorName, type Changed } from './actor.ts';
import type { ServiceParts } from './deps.ts';
import { existing } from './rows.ts';

type Parts = Pick<ServiceParts, 'prisma' | 'queue' | 'feed' | 'clock'>;

/** Writes a new run's row and its job in one transaction; `write` makes the row, with the job's id. */
export const queueRun = (
  { prisma, queue }: Pick<Parts, 'prisma' | 'queue'>,
  actor: Actor,
  run: { readonly kind: RunKind; readonly id: string; readonly title: string },
  write: (transaction: CatalogueTransaction, jobId: string) => Promise<unknown>,
): Promise<Changed> =>
  prisma.$transaction(async (transaction) => {
    const jobId = await queue.enqueue(transaction, jobOf[run.kind], run.id, { runId: run.id });
    await write(transaction, jobId);
    await recordRunEvent(transaction, run.kind, run, { what: 'created', severity: 'INFO' }, actorName(actor));
    return { id: run.id };
  });

/** Ends a queued run at once and asks a running one to stop; one that is cancelled already is fine. `STATE_CONFLICT` when it has ended otherwise. */
export async function cancelRun(parts: Parts, actor: Actor, kind: RunKind, id: string): Promise<Changed> {
  // A run that starts or is requeued just then is met by the next look.
  for (;;) {
    const row = await existing(kind, id, (found) => rowsOf[kind].find(parts.prisma, found));
    if (row.status === 'CANCELLED') return { id };
    if (hasEnded(row.status)) {
      const state = row.status.toLowerCase();
      throw new StrongroomError('STATE_CONFLICT', { type: kind, id, state, reason: 'it has ended already' });
    }
    const done =
      row.status === 'QUEUED' ? await endQueued(parts, actor, kind, row) : await askToStop(parts, actor, kind, row);
    if (done) return { id };
  }
}

const endQueued = ({ prisma, queue, feed, clock }: Parts, actor: Actor, kind: RunKind, row: RunRow): Promise<boolean> =>
  prisma.$transaction(async (transaction) => {
    const now = clock.now();
    const expected = { status: { in: ['QUEUED' as const] }, jobId: row.jobId };
    const change = { status: 'CANCELLED' as const, cancelRequestedAt: now, completedAt: now };
    if (!(await rowsOf[kind].change(transaction, row.id, expected, change))) return false;
    if (row.jobId !== null) await queue.remove(transaction, jobOf[kind], row.jobId);
    await recordRunEvent(transaction, kind, row, { what: 'cancelled', severity: 'WARNING' }, actorName(actor));
    await feed.changed(transaction, kind, row.id);
    return true;
  });

const askToStop = ({ prisma, feed, clock }: Parts, actor: Actor, kind: RunKind, row: RunRow): Promise<boolean> =>
  prisma.$transaction(async (transaction) => {
    if (row.cancelRequestedAt !== null) return true;
    const expected = { status: { in: ['RUNNING' as const] } };
    if (!(await rowsOf[kind].change(transaction, row.id, expected, { cancelRequestedAt: clock.now() }))) return false;
    await recordRunEvent(transaction, kind, row, { what: 'cancelRequested', severity: 'INFO' }, actorName(actor));
    await feed.askToStop(transaction);
    return true;
  });
