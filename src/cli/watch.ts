/** Waits for a run, showing how far it is; Ctrl-C asks the server to cancel it. */
import { setTimeout as delay } from 'node:timers/promises';
import { asStrongroomError, StrongroomError } from '../errors.ts';
import { hasCode } from './api/api-error.ts';
import type { ApiClient } from './api/client.ts';
import type { GraphQLOperation } from './api/operation.ts';
import { failureOf } from './output/output.ts';
import { createProgressView } from './progress-view.ts';
import type { RunProgress } from './progress.ts';
import type { Session } from './session.ts';

/** One minute in all: a server that restarts is back by then. */
const DEFAULT_DELAYS = [250, 500, 1000, 2000, 4000, ...Array.from({ length: 10 }, () => 5000)];

export interface Run {
  /** What it is called: `backup`. */
  readonly what: string;
  readonly id: string;
  readonly subscription: GraphQLOperation<{ readonly progress: RunProgress }, { readonly id: string }>;
  /** Asks the server to cancel it. */
  cancel(): Promise<unknown>;
  /** How to come back to it after leaving, for people. */
  readonly comeBack: string;
}

interface Following {
  readonly delays: readonly number[];
  readonly signal: AbortSignal;
  lost(): void;
}

/** The states of a run to its last one, over as many connections as it takes: each starts with the present state. */
async function* follow(api: ApiClient, run: Run, { delays, signal, lost }: Following): AsyncGenerator<RunProgress> {
  let failures = 0;
  for (;;) {
    let cause: unknown;
    try {
      for await (const { progress } of api.watch(run.subscription, { id: run.id }, signal)) {
        failures = 0;
        yield progress;
        if (progress.finished) return;
      }
    } catch (error) {
      if (!hasCode(error, 'SERVER_UNREACHABLE')) throw error;
      cause = error;
    }
    const wait = delays[failures];
    if (wait === undefined) {
      throw asStrongroomError(cause ?? new Error('the progress ended before the run did'));
    }
    if (failures === 0 && cause !== undefined) lost();
    failures += 1;
    await delay(wait, undefined, { signal });
  }
}

/**
 * Follows a run to its end and resolves with its last state. The first interrupt asks the server to cancel it, and it
 * is followed on; the second leaves: rejects with `CANCELLED`, while the run goes its way.
 */
export async function watchRun(
  session: Session,
  run: Run,
  options: { readonly jsonLines: boolean },
): Promise<RunProgress> {
  const { output, interrupts, deps } = session;
  const api = await session.api();
  const view = createProgressView({
    output,
    stderr: deps.stderr,
    jsonLines: options.jsonLines,
    now: () => session.now(),
  });
  const tell = (text: string): void => {
    view.clear();
    output.note(text);
  };
  let cancelling = Promise.resolve();
  using _claim = interrupts.claim(() => {
    tell(`Cancelling the ${run.what}. Press Ctrl-C again to leave without waiting.`);
    cancelling = run.cancel().then(
      () => undefined,
      (error: unknown) => tell(`It can't be cancelled: ${failureOf(error).message}`),
    );
  });
  try {
    let last: RunProgress | undefined;
    const following = {
      delays: deps.reconnectDelays ?? DEFAULT_DELAYS,
      signal: interrupts.signal,
      lost: () => tell('The connection dropped, connecting again.'),
    };
    for await (const progress of follow(api, run, following)) {
      view.show(progress);
      last = progress;
    }
    await cancelling;
    if (last === undefined) throw asStrongroomError(new Error(`the ${run.what} told no progress`));
    return last;
  } catch (error) {
    if (!interrupts.signal.aborted) throw error;
    tell(`Left the ${run.what}; it may still be running. ${run.comeBack}`);
    throw new StrongroomError('CANCELLED', {}, { cause: error });
  } finally {
    view.clear();
  }
}
