/** The one connection of a process that listens to the catalogue, made again whenever it is lost. */
import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import { catalogueUnavailable } from './connection-error.ts';

/** PostgreSQL's channel for all topics. */
export const FEED_CHANNEL = 'strongroom';

/** Hears of lost connections and of messages that make no sense, one line each. */
export type FeedLog = (message: string) => void;

export interface FeedListener {
  readonly log: FeedLog;
  /** Gets every notification's text. What it throws is logged. */
  onMessage(text: string): void;
  /** Listening works again; anything may have been missed. */
  onReconnect(): void;
}

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 5_000;
/** A server that vanished without a word is noticed within these two together. */
const PROBE_EVERY_MS = 20_000;
const ANSWER_MS = 10_000;

/** Connects and listens. Rejects with `CATALOGUE_UNAVAILABLE` if that fails the first time; later losses mend themselves. */
export async function openFeedConnection(url: string, listener: FeedListener): Promise<AsyncDisposable> {
  const closing = new AbortController();
  const first = await connect(url, listener, closing.signal).catch((error: unknown) => {
    throw catalogueUnavailable(error);
  });
  const listening = keepListening(url, listener, first, closing.signal);
  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await listening;
    },
  };
}

interface Connection {
  /** Resolves, and never rejects, when the connection is gone. */
  readonly gone: Promise<void>;
}

async function keepListening(
  url: string,
  listener: FeedListener,
  first: Connection,
  closing: AbortSignal,
): Promise<void> {
  let connection: Connection | undefined = first;
  while (connection !== undefined) {
    await connection.gone;
    connection = await reconnect(url, listener, closing);
    if (connection !== undefined) listener.onReconnect();
  }
}

async function reconnect(url: string, listener: FeedListener, closing: AbortSignal): Promise<Connection | undefined> {
  for (let wait = FIRST_RETRY_MS; !closing.aborted; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
    try {
      return await connect(url, listener, closing);
    } catch (error) {
      if (closing.aborted) return undefined;
      listener.log(`The change feed connects again in ${wait} ms. ${catalogueUnavailable(error).message}`);
      await pause(wait, closing);
    }
  }
  return undefined;
}

async function connect(url: string, listener: FeedListener, closing: AbortSignal): Promise<Connection> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: 10_000,
    query_timeout: ANSWER_MS,
    keepAlive: true,
    application_name: 'strongroom change feed',
  });
  const { promise: gone, resolve } = Promise.withResolvers<void>();
  const cut = (): void => {
    client.connection.stream.destroy();
  };
  const probe = setInterval(() => {
    client.query('SELECT 1').catch(cut);
  }, PROBE_EVERY_MS).unref();
  closing.addEventListener('abort', cut, { once: true });
  client.on('error', (error) => {
    if (!closing.aborted) listener.log(`The change feed lost its connection: ${error.message}`);
  });
  client.on('notification', ({ payload }) => {
    try {
      listener.onMessage(payload ?? '');
    } catch (error) {
      listener.log(`The change feed got a message that makes no sense: ${String(error)}`);
    }
  });
  client.once('end', () => {
    clearInterval(probe);
    closing.removeEventListener('abort', cut);
    resolve();
  });
  try {
    await client.connect();
    await client.query(`LISTEN ${FEED_CHANNEL}`);
  } catch (error) {
    cut();
    throw error;
  }
  return { gone };
}

/** Ends early, without error, when the feed is closed. */
async function pause(milliseconds: number, closing: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal: closing });
  } catch (error) {
    if (!closing.aborted) throw error;
  }
}
