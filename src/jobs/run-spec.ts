/** What a handler of one kind of runs brings along, and what it gets. */
import type { CatalogueTransaction } from '../catalogue/client.ts';
import type { PrismaClient } from '../catalogue/generated/prisma/client.ts';
import type { Clock } from '../clock.ts';
import type { Engine, EngineInput, EngineOutput } from '../engine/operations.ts';
import type { Logger } from '../log.ts';
import type { JobDefinition, RunKind, RunPayload } from './definitions.ts';
import type { Queue } from './queue.ts';
import type { RunFeed } from './run-feed.ts';

export interface RunDeps {
  readonly prisma: PrismaClient;
  readonly queue: Queue;
  readonly engine: Engine;
  readonly feed: RunFeed;
  readonly clock: Clock;
  readonly log: Logger;
}

export type RunOperation = 'backup' | 'restore' | 'verify';

/** One attempt that has begun. */
export interface RunStart {
  readonly id: string;
  /** 1 for the first. */
  readonly attempt: number;
  /** When the first attempt began. */
  readonly startedAt: Date;
}

export interface RunSpec<O extends RunOperation> {
  readonly job: JobDefinition<RunPayload, RunKind>;
  readonly operation: O;
  /** Everything the engine needs, secrets opened. Rejects with a `StrongroomError` as the engine would. */
  prepare(run: RunStart): Promise<EngineInput<O>>;
  /** Which end the result means. */
  statusOf(result: EngineOutput<O>): 'SUCCEEDED' | 'PARTIAL';
  /** Writes the result, and what else follows from it, in the transaction that ends the run. */
  store(transaction: CatalogueTransaction, run: RunStart, result: EngineOutput<O>, completedAt: Date): Promise<void>;
}
