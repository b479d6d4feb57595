/** Runs that check a backup: create, cancel. */
import { z } from 'zod';
import { type Actor, actorName, type Changed } from './actor.ts';
import type { ServiceParts } from './deps.ts';
import { parseInput } from './input.ts';
import { cancelRun, queueRun } from './run-commands.ts';
import { snapshotOf } from './snapshots.ts';

export interface CreateVerificationInput {
  readonly backupId: string;
  /** `DATA` when absent: every byte is read, opened and hashed. */
  readonly level?: 'DATA';
}

/** Rejects with `OBJECT_NOT_FOUND`, `STATE_CONFLICT`. */
export interface Verifications {
  /** Writes the row and its job in one transaction; the verification is then `QUEUED`. */
  create(actor: Actor, input: CreateVerificationInput): Promise<Changed>;
  cancel(actor: Actor, id: string): Promise<Changed>;
}

const created = z.strictObject({ backupId: z.string(), level: z.enum(['DATA']).default('DATA') });

type Parts = Pick<ServiceParts, 'prisma' | 'queue' | 'access' | 'feed' | 'clock' | 'ids'>;

export function createVerifications(parts: Parts): Verifications {
  return {
    async create(actor, input) {
      const { backupId, level } = parseInput(created, input);
      const { backup } = await snapshotOf(parts, backupId);
      const id = parts.ids();
      const data = { id, backupId, level, initiatedBy: actorName(actor) };
      const run = { kind: 'verification', id, title: `Verification of ${backup.name}` } as const;
      return queueRun(parts, actor, run, (transaction, jobId) =>
        transaction.verification.create({ data: { ...data, jobId } }),
      );
    },
    cancel: (actor, id) => cancelRun(parts, actor, 'verification', id),
  };
}
