/** Runs that put a backup, or a part of it, back: create, cancel. */
import type { ConflictPolicy } from '../contracts/index.ts';
import type { Actor, Changed } from './actor.ts';

export interface RestoreTargetInput {
  readonly kind: 'IN_PLACE' | 'DIRECTORY' | 'DATABASE';
  /** Absolute path, for `DIRECTORY`. */
  readonly path?: string;
  /** Name of the database, for `DATABASE`. */
  readonly database?: string;
}

export interface CreateRestoreInput {
  readonly backupId: string;
  /** In place when absent. */
  readonly target?: RestoreTargetInput;
  /** Names of sources; all when absent or empty. For a `DATABASE` target all of kind `DATABASE`. */
  readonly sources?: readonly string[];
  /** Paths inside the snapshot, as text; all when absent or empty. */
  readonly paths?: readonly string[];
  /** `FAIL` when absent. */
  readonly conflictPolicy?: ConflictPolicy;
  readonly notes?: string;
}

/** Rejects with `INPUT_INVALID` (the field named), `OBJECT_NOT_FOUND`, `STATE_CONFLICT`, `PATH_NOT_ALLOWED`. */
export interface Restores {
  /** Writes the row and its job in one transaction; the restore is then `QUEUED`. */
  create(actor: Actor, input: CreateRestoreInput): Promise<Changed>;
  /** A queued restore is cancelled at once, a running one within two seconds. `STATE_CONFLICT` when it has ended. */
  cancel(actor: Actor, id: string): Promise<Changed>;
}
