/** Streams for subscriptions that can be left at any moment. */

/**
 * Starts a stream and waits for its first value, so that a failure to start is the answer to the subscription and not
 * a broken stream. Leaving the result aborts the signal that `start` got: a generator alone would end only with its
 * next value, which may be long in coming.
 */
export async function watchFrom<T>(
  start: (signal: AbortSignal) => AsyncIterable<T>,
): Promise<AsyncIterableIterator<T>> {
  const stop = new AbortController();
  const values = start(stop.signal)[Symbol.asyncIterator]();
  let first: Promise<IteratorResult<T>> | undefined = Promise.resolve(await values.next());
  const leave = async (): Promise<IteratorResult<T>> => {
    stop.abort();
    await values.return?.();
    return { done: true, value: undefined };
  };
  const iterator: AsyncIterableIterator<T> = {
    next() {
      const value = first ?? values.next();
      first = undefined;
      return value;
    },
    return: leave,
    async throw(error) {
      await leave();
      throw error;
    },
    [Symbol.asyncIterator]: () => iterator,
  };
  return iterator;
}
