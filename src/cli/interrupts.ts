/** Ctrl-C and friends: the first goes to whoever claimed it, the next, or the first if nobody did, means leave now. */

export interface Interrupts extends Disposable {
  /** Aborted when the user wants to leave now. */
  readonly signal: AbortSignal;
  /** Gives the next interrupt to `handler`, once, until the claim is disposed. */
  claim(handler: () => void): Disposable;
  /** Leaves now, as the user would. */
  leave(): void;
}

/** Listens through `onInterrupt` until disposed. */
export function createInterrupts(onInterrupt: (listener: () => void) => () => void): Interrupts {
  const leave = new AbortController();
  const handlers: (() => void)[] = [];
  const stop = onInterrupt(() => {
    const handler = handlers.pop();
    if (handler === undefined) leave.abort();
    else handler();
  });
  return {
    signal: leave.signal,
    leave: () => leave.abort(),
    claim(handler) {
      handlers.push(handler);
      return {
        [Symbol.dispose]() {
          const index = handlers.indexOf(handler);
          if (index >= 0) handlers.splice(index, 1);
        },
      };
    },
    [Symbol.dispose]: stop,
  };
}
