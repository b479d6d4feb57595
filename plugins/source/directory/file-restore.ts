/** What a restore of plain files is asked to do. */
import type { ConflictPolicy, RestoreContext } from '../../../src/contracts/index.ts';

/** What of a path of the snapshot concerns a restore: the whole, a directory on the way to it, or neither. */
export type Scope = 'inside' | 'leading' | 'outside';

export interface FileRestore {
  /** Absolute, allowed, links resolved. It and directories above it are made if absent. */
  readonly target: string;
  readonly policy: ConflictPolicy;
  readonly context: RestoreContext;
  /** Where to stage, if not in the target: a directory on its file system that need not be there. */
  readonly stageNear?: string;
  /** Limits what is written; paths hold one character a byte (latin1). All is `inside` when absent. */
  readonly scope?: (path: string) => Scope;
}
