/** Ends what runs in this process: by a user's wish, or because the process stops. */
import type { RunKind } from './definitions.ts';

/** Why a running attempt was aborted; the reason of its signal. */
export type Stop = 'cancelled' | 'handedBack' | 'lost';

export interface RunControl {
  /** Aborts the attempt at that run, if it is here. */
  cancel(kind: RunKind, id: string): void;
  /** Aborts every attempt so that its job goes to another worker; from now on new ones are aborted as they enter. */
  handBack(): void;
  /** The runs that are attempted here. */
  running(): readonly { readonly kind: RunKind; readonly id: string }[];
  /** Admits an attempt until it is disposed. */
  enter(kind: RunKind, id: string): Disposable & { readonly signal: AbortSignal };
}

export function createRunControl(): RunControl {
  const running = new Map<
    string,
    { readonly kind: RunKind; readonly id: string; readonly controller: AbortController }
  >();
  let closing = false;
  const abort = (controller: AbortController, reason: Stop): void => controller.abort(reason);
  return {
    cancel(kind, id) {
      const found = running.get(`${kind}:${id}`);
      if (found !== undefined) abort(found.controller, 'cancelled');
    },
    handBack() {
      closing = true;
      for (const { controller } of running.values()) abort(controller, 'handedBack');
    },
    running: () => [...running.values()].map(({ kind, id }) => ({ kind, id })),
    enter(kind, id) {
      const key = `${kind}:${id}`;
      const controller = new AbortController();
      running.set(key, { kind, id, controller });
      if (closing) abort(controller, 'handedBack');
      return {
        signal: controller.signal,
        [Symbol.dispose]: () => {
          if (running.get(key)?.controller === controller) running.delete(key);
        },
      };
    },
  };
}
