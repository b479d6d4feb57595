/** News of a run at a pace that those who watch can follow. */
import { setTimeout as delay } from 'node:timers/promises';
import type { RunNews } from '../jobs/run-feed.ts';

/**
 * Passes on progress at most every `paceMs` milliseconds, of what came meanwhile the latest. That the row is to be read again is passed on
 * at once, in place of progress that waits. One piece of news is always asked for ahead: whoever leaves has to end `news` by its signal.
 */
export async function* paced(news: AsyncIterable<RunNews>, paceMs: number): AsyncGenerator<RunNews> {
  const source = news[Symbol.asyncIterator]();
  let coming = source.next();
  let last = Number.NEGATIVE_INFINITY;
  for (let item = await coming; item.done !== true; item = await coming) {
    coming = source.next();
    while (item.value.progress !== undefined) {
      const newer: IteratorResult<RunNews> | undefined = await within(last + paceMs - performance.now(), coming);
      if (newer === undefined || newer.done === true) break;
      item = newer;
      coming = source.next();
    }
    last = performance.now();
    yield item.value;
  }
}

/** What `promise` resolves with, or `undefined` when that takes longer than `ms`. */
async function within<T>(ms: number, promise: Promise<T>): Promise<T | undefined> {
  if (ms <= 0) return undefined;
  const inTime = new AbortController();
  try {
    // Called off, the delay rejects with nobody waiting for it.
    const over = delay(ms, undefined, { signal: inTime.signal }).catch(() => undefined);
    return await Promise.race([promise, over]);
  } finally {
    inTime.abort();
  }
}
