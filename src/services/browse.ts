/** Looks inside a backup. */
import type { TreeEntry } from '../engine/operations.ts';

export interface ListTreeInput {
  readonly backupId: string;
  /** Path as text; `/`, the default, lists the content kinds. */
  readonly path?: string;
  /** Name to start after. */
  readonly after?: string;
  /** 1 to 1,000; 100 when absent. */
  readonly limit?: number;
}

export interface TreePage {
  readonly entries: readonly TreeEntry[];
  readonly hasMore: boolean;
}

/** Rejects with `OBJECT_NOT_FOUND`, `STATE_CONFLICT` (no snapshot yet), `SNAPSHOT_PATH_NOT_FOUND`, and what the engine met. */
export interface Browse {
  list(input: ListTreeInput, signal?: AbortSignal): Promise<TreePage>;
  stat(backupId: string, path: string, signal?: AbortSignal): Promise<TreeEntry>;
  /** The bytes of one file, in order, checked; pulled by the reader. Leaving the iteration ends the reading. */
  read(backupId: string, path: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}
