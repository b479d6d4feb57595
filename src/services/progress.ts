/** Runs watched live. */
import { z } from 'zod';
import type { PrismaClient } from '../catalogue/generated/prisma/client.ts';
import type { Progress } from '../engine/operations.ts';
import { type ErrorCode, type ErrorData, errorCatalogue } from '../errors.ts';
import type { RunKind } from '../jobs/definitions.ts';
import { type RunProgress, runProgress } from '../jobs/rate.ts';
import type { RunFeed } from '../jobs/run-feed.ts';
import { hasEnded, type RunRow, type RunStatus, rowsOf } from '../jobs/run-rows.ts';
import { paced } from './paced.ts';
import { existing } from './rows.ts';

export type { RunKind, RunStatus };

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
   * First the present state, then progress at most five times a second, at last the final state at once, then the end. Rejects
   * with `OBJECT_NOT_FOUND` when there is no such run or when it is deleted meanwhile; `signal` ends it without an error.
   */
  watch(kind: RunKind, id: string, signal?: AbortSignal): AsyncIterable<RunState>;
  /** The present state alone. */
  current(kind: RunKind, id: string): Promise<RunState>;
}

/** Five times a second at most. */
const paceMs = 200;

export function createRunWatch(deps: { readonly prisma: PrismaClient; readonly feed: RunFeed }): RunWatch {
  const current = async (kind: RunKind, id: string): Promise<RunState> => {
    const row = await existing(kind, id, (found) => rowsOf[kind].find(deps.prisma, found));
    return stateOf(kind, row);
  };

  async function* watch(kind: RunKind, id: string, signal?: AbortSignal): AsyncGenerator<RunState> {
    let last: RunState | undefined;
    using leaving = abortedWhenLeft();
    const stop = AbortSignal.any([leaving.signal, ...(signal === undefined ? [] : [signal])]);
    // The first news is to read the row, from a place that hears of everything that happens after it was read.
    for await (const { progress } of paced(deps.feed.news(kind, id, stop), paceMs)) {
      const state: RunState =
        last?.status === 'RUNNING' && progress !== undefined
          ? { ...identity(last), ...shown(progress), phase: progress.phase }
          : await current(kind, id);
      if (isSame(state, last)) continue;
      last = state;
      yield state;
      if (state.finished) return;
    }
  }
  return { watch, current };
}

function abortedWhenLeft(): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  return { signal: controller.signal, [Symbol.dispose]: () => controller.abort() };
}

/** What does not change while a run is running. */
const identity = ({ kind, id, status, startedAt, error, finished }: RunState) => ({
  kind,
  id,
  status,
  ...(startedAt !== undefined && { startedAt }),
  ...(error !== undefined && { error }),
  finished,
});

const isSame = (a: RunState, b: RunState | undefined): boolean =>
  b !== undefined && JSON.stringify(a) === JSON.stringify(b);

function stateOf(kind: RunKind, row: RunRow): RunState {
  const progress = runProgress.safeParse(row.progress).data;
  const finished = hasEnded(row.status);
  const base = {
    kind,
    id: row.id,
    status: row.status,
    itemsDone: 0,
    bytesDone: 0,
    warningCount: row.warningCount,
    ...(row.startedAt !== null && { startedAt: row.startedAt }),
    ...errorOf(row),
    finished,
  };
  if (row.status === 'RUNNING') {
    return progress === undefined
      ? { ...base, phase: 'PREPARING' }
      : { ...base, ...shown(progress), phase: progress.phase };
  }
  if (progress === undefined) return { ...base, phase: finished ? 'DONE' : 'QUEUED' };
  const { currentItem: _item, bytesPerSecond: _rate, secondsLeft: _left, ...counts } = shown(progress);
  const warningCount = Math.max(counts.warningCount, row.warningCount);
  if (!finished) return { ...base, ...counts, warningCount, phase: 'QUEUED' };
  return { ...base, ...counts, ...averageOf(row, progress), warningCount, phase: 'DONE' };
}

function averageOf(row: RunRow, progress: RunProgress): { readonly bytesPerSecond?: number } {
  if (row.startedAt === null || row.completedAt === null) return {};
  const seconds = (row.completedAt.getTime() - row.startedAt.getTime()) / 1000;
  return seconds > 0 ? { bytesPerSecond: progress.bytesDone / seconds } : {};
}

/** Without the fields that are unknown. */
function shown({
  phase: _phase,
  ...counts
}: RunProgress): Pick<RunState, 'itemsDone' | 'bytesDone' | 'warningCount'> & Counts {
  const { currentItem, itemsTotal, bytesTotal, addedBytes, bytesPerSecond, secondsLeft, ...sure } = counts;
  return {
    ...sure,
    ...(currentItem !== undefined && { currentItem }),
    ...(itemsTotal !== undefined && { itemsTotal }),
    ...(bytesTotal !== undefined && { bytesTotal }),
    ...(addedBytes !== undefined && { addedBytes }),
    ...(bytesPerSecond !== undefined && { bytesPerSecond }),
    ...(secondsLeft !== undefined && { secondsLeft }),
  };
}
type Counts = Pick<
  RunState,
  'currentItem' | 'itemsTotal' | 'bytesTotal' | 'addedBytes' | 'bytesPerSecond' | 'secondsLeft'
>;

const details = z.record(z.string(), z.union([z.string(), z.number()]));
const isCode = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

function errorOf(row: RunRow): { readonly error?: ErrorData } {
  if (row.errorCode === null) return {};
  const code = isCode(row.errorCode) ? row.errorCode : 'INTERNAL';
  return { error: { code, details: details.safeParse(row.errorDetails).data ?? {} } };
}
