/** Runs that read a workload's sources into a repository: create, cancel, retry, annotate, delete. */
import type { BackupInput } from '../engine/operations.ts';
import type { Actor, Changed, Label } from './actor.ts';

export interface CreateBackupInput {
  readonly workloadId: string;
  readonly repositoryId: string;
  /** `FULL` when absent. */
  readonly type?: BackupInput['type'];
  /** Made of workload, type and time when absent. At most 200 characters. */
  readonly name?: string;
  /** Names of sources; all of the type when absent or empty. */
  readonly sources?: readonly string[];
  readonly includeTables?: readonly string[];
  readonly excludeTables?: readonly string[];
  /** 1 to 36,500; kept until deleted when absent. */
  readonly retentionDays?: number;
  readonly pinned?: boolean;
  /** At most 10,000 characters. */
  readonly notes?: string;
  /** At most 50. */
  readonly labels?: readonly Label[];
}

/** Fields that are absent stay as they are. */
export interface UpdateBackupInput {
  readonly id: string;
  readonly name?: string;
  readonly notes?: string;
  readonly labels?: readonly Label[];
  readonly pinned?: boolean;
}

/** Rejects with `INPUT_INVALID` (the field named), `OBJECT_NOT_FOUND`, `STATE_CONFLICT`. */
export interface Backups {
  /** Writes the row and its job in one transaction; the backup is then `QUEUED`. */
  create(actor: Actor, input: CreateBackupInput): Promise<Changed>;
  update(actor: Actor, input: UpdateBackupInput): Promise<Changed>;
  /** A queued backup is cancelled at once, a running one within two seconds. `STATE_CONFLICT` when it has ended. */
  cancel(actor: Actor, id: string): Promise<Changed>;
  /** Queues a failed or cancelled backup again; what it had stored is found and used. */
  retry(actor: Actor, id: string): Promise<Changed>;
  /**
   * Removes the snapshot, then the row with its restores and verifications. `STATE_CONFLICT` while the backup, a
   * restore or a verification of it runs. After a failure in between it may be called again.
   */
  delete(actor: Actor, id: string, signal?: AbortSignal): Promise<Changed>;
}
