/** What workers and those who watch or stop runs tell each other over the change feed. Messages hint, rows decide. */
import { z } from 'zod';
import type { ChangeFeed, FeedMessage } from '../catalogue/change-feed.ts';
import type { CatalogueTransaction } from '../catalogue/client.ts';
import type { RunKind } from './definitions.ts';
import { type RunProgress, runProgress } from './rate.ts';

/** The latest progress of a run that is `RUNNING`; without one: read the row. */
export interface RunNews {
  readonly progress?: RunProgress;
}

export interface RunFeed {
  /** Tells how far a running run is. */
  progress(kind: RunKind, id: string, progress: RunProgress): Promise<void>;
  /** Tells, once the transaction commits, that the row is to be read again. */
  changed(transaction: CatalogueTransaction, kind: RunKind, id: string): Promise<void>;
  /** News of one run from this call on, the first of which is to read the row. Of news not yet taken the latest is kept. */
  news(kind: RunKind, id: string, signal?: AbortSignal): AsyncIterable<RunNews>;
  /** Tells all workers, once the transaction commits, that some run is asked to stop. */
  askToStop(transaction: CatalogueTransaction): Promise<void>;
  /** Yields whenever a run may have been asked to stop, and at the beginning. */
  stopRequests(signal: AbortSignal): AsyncIterable<unknown>;
}

const stopTopic = 'runs.stop';
const topicOf = (kind: RunKind, id: string): string => `run.${kind}.${id}`;
const message = z.object({ progress: runProgress.optional() });

export function createRunFeed(feed: ChangeFeed): RunFeed {
  return {
    progress: (kind, id, progress) => feed.publish(topicOf(kind, id), { progress }),
    changed: (transaction, kind, id) => feed.publish(topicOf(kind, id), {}, transaction),
    // Subscribed before the first `next()`, so that nothing between the call and it is missed.
    news: (kind, id, signal) => newsOf(feed.subscribe(topicOf(kind, id), signal)),
    askToStop: (transaction) => feed.publish(stopTopic, {}, transaction),
    stopRequests: (signal) => feed.subscribe(stopTopic, signal),
  };
}

async function* newsOf(messages: AsyncIterable<FeedMessage>): AsyncGenerator<RunNews> {
  for await (const item of messages) {
    const progress = item.kind === 'change' ? message.safeParse(item.payload).data?.progress : undefined;
    yield progress === undefined ? {} : { progress };
  }
}
