/** What a restore has replaced and kept: brought back, or let go of. */
import type { Restore } from '../catalogue/generated/prisma/client.ts';
import { StrongroomError } from '../errors.ts';
import type { Actor, Changed } from './actor.ts';
import { recordChange } from './changes.ts';
import type { ServiceParts } from './deps.ts';
import { keptSources } from './restore-input.ts';
import { existing, signalled } from './rows.ts';

type Parts = Pick<ServiceParts, 'prisma' | 'engine' | 'access' | 'feed' | 'clock'>;

/** See `Restores.revert`. */
export async function revertRestore(parts: Parts, actor: Actor, id: string, signal?: AbortSignal): Promise<Changed> {
  const row = await kept(parts, id);
  const sources = await keptSources(parts, row);
  await parts.engine.run('revertRestore', { restoreId: id, sources }, signalled(signal));
  return written(parts, actor, row, { revertedAt: parts.clock.now() }, 'reverted', 'What a restore replaced is back.');
}

/** See `Restores.discardPrevious`. */
export async function discardPrevious(parts: Parts, actor: Actor, id: string, signal?: AbortSignal): Promise<Changed> {
  const row = await kept(parts, id);
  const sources = await keptSources(parts, row);
  await parts.engine.run('discardPrevious', { restoreId: id, sources }, signalled(signal));
  return written(parts, actor, row, {}, 'previousDiscarded', 'What a restore replaced is let go of.');
}

async function kept({ prisma }: Parts, id: string): Promise<Restore> {
  const row = await existing('restore', id, (found) => prisma.restore.findUnique({ where: { id: found } }));
  if (row.previousUntil !== null) return row;
  const reason = row.revertedAt === null ? 'it keeps nothing of what it replaced' : 'it was reverted already';
  throw new StrongroomError('STATE_CONFLICT', { type: 'restore', id, state: row.status.toLowerCase(), reason });
}

const written = (
  { prisma, feed }: Parts,
  actor: Actor,
  { id, previousUntil }: Restore,
  change: { readonly revertedAt?: Date },
  what: 'reverted' | 'previousDiscarded',
  summary: string,
): Promise<Changed> =>
  prisma.$transaction(async (transaction) => {
    const data = { ...change, previousUntil: null };
    const { count } = await transaction.restore.updateMany({ where: { id, previousUntil: { not: null } }, data });
    if (count === 0) return { id };
    const subject = { type: 'Restore', id } as const;
    const states = { before: { previousUntil }, after: data };
    await recordChange(transaction, actor, { type: `restore.${what}`, summary, subject, ...states });
    await feed.changed(transaction, 'restore', id);
    return { id };
  });
