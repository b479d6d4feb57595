/** Runs that check a backup: create, cancel. */
import type { Actor, Changed } from './actor.ts';

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
