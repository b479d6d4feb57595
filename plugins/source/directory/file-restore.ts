/** What a restore of plain files is asked to do. */
import type { ConflictPolicy, RestoreContext } from '../../../src/contracts/index.ts';

export interface FileRestore {
  /** Absolute, allowed, links resolved. It and directories above it are made if absent. */
  readonly target: string;
  readonly policy: ConflictPolicy;
  readonly context: RestoreContext;
  /** Where to stage, if not in the target: a directory on its file system that need not be there. */
  readonly stageNear?: string;
}
