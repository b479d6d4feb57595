/** Asks of the operating system to stop. */
import { constants } from 'node:os';

const signals = ['SIGINT', 'SIGTERM'] as const;

/** Calls `listener` at every SIGINT and SIGTERM, instead of ending the process. Returns what takes it off again. */
export function onSignals(listener: (signal: (typeof signals)[number]) => void): () => void {
  for (const signal of signals) process.on(signal, listener);
  return () => {
    for (const signal of signals) process.off(signal, listener);
  };
}

export interface StopRequest extends Disposable {
  /** Resolves when the process is asked to stop. */
  readonly asked: Promise<void>;
}

/** Waits for the first signal; the second one ends the process at once, with the exit code that tells of the signal. */
export function untilStopped(): StopRequest {
  const { promise, resolve } = Promise.withResolvers<void>();
  let asked = false;
  const off = onSignals((signal) => {
    if (asked) process.exit(128 + constants.signals[signal]);
    asked = true;
    resolve();
  });
  return { asked: promise, [Symbol.dispose]: off };
}
