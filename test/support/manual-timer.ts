/** A clock that stands still until a test moves it. */
import type { Timer } from '../../src/engine/throttle.ts';

export interface ManualTimer extends Timer {
  /** Moves the clock on; alarms that are due go off in their order, each at its moment. */
  advance(milliseconds: number): void;
  /** How far the next alarm is away, in milliseconds; undefined when none is set. */
  readonly nextIn: number | undefined;
}

export function manualTimer(): ManualTimer {
  const alarms = new Set<{ readonly at: number; readonly action: () => void }>();
  let now = 0;
  const next = () => [...alarms].toSorted((a, b) => a.at - b.at)[0];
  return {
    now: () => now,
    after(milliseconds, action) {
      const alarm = { at: now + milliseconds, action };
      alarms.add(alarm);
      return { [Symbol.dispose]: () => void alarms.delete(alarm) };
    },
    advance(milliseconds) {
      const end = now + milliseconds;
      for (let due = next(); due !== undefined && due.at <= end; due = next()) {
        now = due.at;
        alarms.delete(due);
        due.action();
      }
      now = end;
    },
    get nextIn() {
      const due = next();
      return due === undefined ? undefined : due.at - now;
    },
  };
}
