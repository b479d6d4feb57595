/**
 * Tells every process what changes, through PostgreSQL's LISTEN/NOTIFY.
 *
 * A payload is a whole state (the latest progress of a run) or a cursor (the sequence of the newest event), never an
 * increment: a subscriber who is slow misses what lies between and loses nothing. Messages are hints, rows are the truth:
 * after anything that could have been missed a subscriber gets `resync` and reads the rows again.
 */
import type { Prisma } from './generated/prisma/client.ts';
import type { Catalogue, CatalogueTransaction } from './client.ts';
import { FEED_CHANNEL, type FeedLog, openFeedConnection } from './feed-connection.ts';
import { type FeedMessage, Subscriber } from './feed-subscriber.ts';

export type { FeedMessage };

export interface ChangeFeed extends AsyncDisposable {
  /**
   * Tells all subscribers of `topic`, in every process. Inside a transaction they hear it when that commits, and never
   * if it does not. A message of 8,000 bytes or more is beyond PostgreSQL's limit and goes out as `resync`, so that
   * subscribers read the rows instead. Rejects when the catalogue can't be reached.
   */
  publish(topic: string, payload: Prisma.InputJsonValue, transaction?: CatalogueTransaction): Promise<void>;
  /**
   * Listens from this call on, not from the first `next()`. Yields `resync` first, then what changes; of changes not
   * yet taken only the latest is kept. Ends without error when `signal` aborts, the feed is disposed, or the iteration
   * is left.
   */
  subscribe(topic: string, signal?: AbortSignal): AsyncIterable<FeedMessage>;
}

/** PostgreSQL takes payloads shorter than this. */
const PAYLOAD_LIMIT_BYTES = 8_000;

/**
 * Opens the feed of the catalogue at `url`, with one connection of its own for listening; publishing goes through
 * `catalogue`. Throws `CATALOGUE_UNAVAILABLE` if the first connection fails; later losses mend themselves.
 */
export async function openChangeFeed(url: string, catalogue: Catalogue, log: FeedLog): Promise<ChangeFeed> {
  const subscribers = new Map<string, Set<Subscriber>>();
  const connection = await openFeedConnection(url, {
    log,
    onMessage: (text) => {
      const { topic, payload, resync } = parseMessage(text);
      for (const subscriber of subscribers.get(topic) ?? []) {
        if (resync) subscriber.resync();
        else subscriber.change(payload);
      }
    },
    onReconnect: () => {
      for (const subscriber of [...subscribers.values()].flatMap((set) => [...set])) subscriber.resync();
    },
  });

  return {
    async publish(topic, payload, transaction = catalogue.prisma) {
      const text = JSON.stringify({ topic, payload });
      const fits = Buffer.byteLength(text) < PAYLOAD_LIMIT_BYTES;
      const message = fits ? text : JSON.stringify({ topic, resync: true });
      await transaction.$executeRaw`SELECT pg_notify(${FEED_CHANNEL}, ${message})`;
    },
    subscribe(topic, signal) {
      const set = subscribers.get(topic) ?? new Set();
      subscribers.set(topic, set);
      const subscriber = new Subscriber(signal, (self) => {
        set.delete(self);
        if (set.size === 0 && subscribers.get(topic) === set) subscribers.delete(topic);
      });
      if (signal?.aborted !== true) set.add(subscriber);
      return subscriber;
    },
    async [Symbol.asyncDispose]() {
      for (const subscriber of [...subscribers.values()].flatMap((set) => [...set])) subscriber.end();
      await connection[Symbol.asyncDispose]();
    },
  };
}

interface ParsedMessage {
  readonly topic: string;
  readonly payload: unknown;
  readonly resync: boolean;
}

/** Whoever may write to the database may notify; what is not ours is dropped. */
function parseMessage(text: string): ParsedMessage {
  const parsed: unknown = JSON.parse(text);
  if (typeof parsed !== 'object' || parsed === null || !('topic' in parsed) || typeof parsed.topic !== 'string') {
    throw new Error('a message without a topic');
  }
  return {
    topic: parsed.topic,
    payload: 'payload' in parsed ? parsed.payload : undefined,
    resync: 'resync' in parsed && parsed.resync === true,
  };
}
