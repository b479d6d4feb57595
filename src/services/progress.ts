/** Runs watched live. */
import type { Progress } from '../engine/operations.ts';
import type { ErrorData } from '../errors.ts';
import type { RunKind } from '../jobs/definitions.ts';
import type { RunStatus } from '../jobs/run-rows.ts';

/** How a run stands, with what is computed of it. */
export interface RunState {
  readonly kind: RunKind;
  readonly id: string;
  readonly status: RunStatus;
  /** `QUEUED` until the first word of the engine, `DONE` at the end. */
  readonly phase: Progress['phase'] | 'QUEUED' | 'DONE';
  readonly currentItem?: string;
  readonly itemsDone: number;
  readonly itemsTotal?: number;
  readonly bytesDone: number;
  readonly bytesTotal?: number;
  /** Backups only: bytes new to the repository. */
  readonly addedBytes?: number;
  /** Smoothed over some seconds while it runs, the average of the whole run at its end; absent while unknown. */
  readonly bytesPerSecond?: number;
  /** Seconds until all bytes are done at that rate; absent while unknown. */
  readonly secondsLeft?: number;
  readonly warningCount: number;
  readonly startedAt?: Date;
  /** Why it failed, or why the last attempt did while the next one is awaited. */
  readonly error?: ErrorData;
  /** True for the last state of the stream. */
  readonly finished: boolean;
}

export interface RunWatch {
  /**
   * First the present state, then changes at most five times a second, at last the final state, then the end. Rejects
   * with `OBJECT_NOT_FOUND` when there is no such run or when it is deleted meanwhile; `signal` ends it without an error.
   */
  watch(kind: RunKind, id: string, signal?: AbortSignal): AsyncIterable<RunState>;
  /** The present state alone. */
  current(kind: RunKind, id: string): Promise<RunState>;
}
