/** Letting go, in a process or thread that lives on, of what a piece of work has left behind. */

/**
 * Collects garbage once what was closed just now is closed: in the turn of the event loop after the next one. V8 by itself looks for garbage as
 * a thread makes more, and one that rests makes none; memory that threads share is given back only when each of them has found that it does
 * not need it any more. Takes some 10 to 50 ms; does nothing without V8's flag `--expose-gc`, see bin/strongroom.js.
 */
export function collectGarbageSoon(): void {
  setImmediate(() => setImmediate(() => globalThis.gc?.()));
}
