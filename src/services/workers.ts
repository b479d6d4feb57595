/** The processes that run jobs: which of them live, and how much they may use. */
import { z } from 'zod';
import type { Worker } from '../catalogue/generated/prisma/client.ts';
import type { Actor, Changed } from './actor.ts';
import { recordChange } from './changes.ts';
import type { ServiceParts } from './deps.ts';
import { laneLimit, parseInput } from './input.ts';
import { existing } from './rows.ts';

/** A worker gives a sign of life much more often; one that has given none for so long is gone. */
const goneAfterMs = 20_000;

/** Those seen last before this moment are gone. */
export const goneBefore = (now: Date): Date => new Date(now.getTime() - goneAfterMs);

/** Whether the worker runs jobs now. */
export const isRunning = (worker: Pick<Worker, 'stoppedAt' | 'lastSeenAt'>, now: Date): boolean =>
  worker.stoppedAt === null && worker.lastSeenAt >= goneBefore(now);

export interface UpdateWorkerInput {
  readonly id: string;
  /** Lanes that may work for all its runs together, 1 to 256, but at least one for each run; 0 for no limit. */
  readonly laneLimit?: number;
}

export interface Workers {
  /**
   * Changes a worker, now or when it is there again. It heeds the change within a few seconds, runs under way included. Rejects with
   * `INPUT_INVALID`, `OBJECT_NOT_FOUND`.
   */
  update(actor: Actor, input: UpdateWorkerInput): Promise<Changed>;
}

const updated = z.strictObject({ laneLimit: laneLimit.optional() });

export function createWorkers({ prisma }: Pick<ServiceParts, 'prisma'>): Workers {
  return {
    async update(actor, { id, ...input }) {
      const { laneLimit: lanes } = parseInput(updated, input);
      const before = await existing('worker', id, (found) => prisma.worker.findUnique({ where: { id: found } }));
      if (lanes === undefined) return { id };
      await prisma.$transaction(async (transaction) => {
        const after = await transaction.worker.update({ where: { id }, data: { laneLimit: lanes } });
        await recordChange(transaction, actor, {
          type: 'worker.updated',
          summary: `Worker ${after.name}: updated.`,
          subject: { type: 'Worker', id },
          before: limitOf(before),
          after: limitOf(after),
        });
      });
      return { id };
    },
  };
}

const limitOf = ({ name, laneLimit: lanes }: Worker) => ({ name, laneLimit: lanes });
