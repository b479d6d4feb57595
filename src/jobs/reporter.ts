/** Passes on how far a run is: often to those who watch, more rarely to the row. */
import type { Progress } from '../engine/operations.ts';
import { createRateMeter, type RunProgress } from './rate.ts';
import type { Clock } from '../clock.ts';

export interface ReporterOptions {
  readonly clock: Clock;
  /** Called at most five times a second, one call at a time; the latest progress wins. */
  readonly publish: (progress: RunProgress) => Promise<void>;
  /** Called about once a second, one call at a time, with the progress if it is new since the last call. */
  readonly beat: (progress: RunProgress | undefined) => Promise<void>;
  /** Hears of a call that failed; the run goes on. */
  readonly onError: (error: unknown) => void;
}

export interface Reporter extends AsyncDisposable {
  report(progress: Progress): void;
  /** The latest progress, if there was any. */
  readonly latest: RunProgress | undefined;
}

const publishEveryMs = 200;
const beatEveryMs = 1_000;

/** Disposing ends both rhythms after the calls under way; what was not passed on by then is in `latest`. */
export function createReporter(options: ReporterOptions): Reporter {
  const meter = createRateMeter();
  let latest: RunProgress | undefined;
  let published: RunProgress | undefined;
  let kept: RunProgress | undefined;

  const rhythms = [
    rhythm(publishEveryMs, options.onError, async () => {
      if (latest === undefined || latest === published) return;
      published = latest;
      await options.publish(latest);
    }),
    rhythm(beatEveryMs, options.onError, async () => {
      const fresh = latest === kept ? undefined : latest;
      kept = latest;
      await options.beat(fresh);
    }),
  ];
  return {
    report(progress) {
      latest = meter.measure(progress, options.clock.now().getTime());
    },
    get latest() {
      return latest;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(rhythms.map((one) => one[Symbol.asyncDispose]()));
    },
  };
}

/** Calls `action` every so often, never twice at a time. */
function rhythm(everyMs: number, onError: (error: unknown) => void, action: () => Promise<void>): AsyncDisposable {
  let under: Promise<void> | undefined;
  const timer = setInterval(() => {
    under ??= action()
      .catch(onError)
      .finally(() => {
        under = undefined;
      });
  }, everyMs);
  return {
    async [Symbol.asyncDispose]() {
      clearInterval(timer);
      await under;
    },
  };
}
