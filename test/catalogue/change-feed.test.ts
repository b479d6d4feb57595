import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openChangeFeed } from '../../src/catalogue/change-feed.ts';
import type { ChangeFeed, FeedMessage } from '../../src/catalogue/change-feed.ts';
import { openCatalogue } from '../../src/catalogue/client.ts';
import type { Catalogue } from '../../src/catalogue/client.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';

let server: PostgresServer;
let catalogue: Catalogue;
let log: string[];

beforeAll(async () => {
  server = await startPostgres();
  catalogue = openCatalogue(server.url);
});
afterAll(async () => {
  await catalogue[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const open = (): Promise<ChangeFeed> => {
  log = [];
  return openChangeFeed(server.url, catalogue, (message) => log.push(message));
};

const iterate = (feed: ChangeFeed, topic: string, signal?: AbortSignal): AsyncIterator<FeedMessage> =>
  feed.subscribe(topic, signal)[Symbol.asyncIterator]();

async function next(iterator: AsyncIterator<FeedMessage>): Promise<FeedMessage | 'end'> {
  const { done, value } = await iterator.next();
  return done === true ? 'end' : value;
}

const resync = { kind: 'resync' };
const change = (payload: unknown) => ({ kind: 'change', payload });

describe('the change feed', () => {
  test('begins with a resync and then gives what another process publishes under the topic', async () => {
    await using feed = await open();
    await using other = await open();
    const messages = iterate(feed, 'backup:1');
    expect(await next(messages)).toEqual(resync);
    await other.publish('backup:2', { bytes: 1 });
    await other.publish('backup:1', { bytes: 2, item: 'zwölf Boxkämpfer' });
    expect(await next(messages)).toEqual(change({ bytes: 2, item: 'zwölf Boxkämpfer' }));
  });

  test('listens from the call on, before the first message is taken', async () => {
    await using feed = await open();
    const messages = iterate(feed, 'early');
    const witness = iterate(feed, 'early');
    await next(witness);
    await feed.publish('early', 1);
    expect(await next(witness)).toEqual(change(1));
    expect(await next(messages)).toEqual(resync);
    expect(await next(messages)).toEqual(change(1));
  });

  test('keeps only the latest change for a reader who is slow', async () => {
    await using feed = await open();
    const slow = iterate(feed, 'slow');
    const witness = iterate(feed, 'last');
    await next(slow);
    await next(witness);
    for (let step = 0; step < 500; step += 1) await feed.publish('slow', { step });
    await feed.publish('last', true);
    expect(await next(witness)).toEqual(change(true));
    expect(await next(slow)).toEqual(change({ step: 499 }));
  });

  test('tells subscribers to read the state where a payload passes what PostgreSQL carries', async () => {
    await using feed = await open();
    const messages = iterate(feed, 'big');
    await next(messages);
    await feed.publish('big', 'x'.repeat(9_000));
    expect(await next(messages)).toEqual(resync);
    const overhead = Buffer.byteLength(JSON.stringify({ topic: 'big', payload: '' }));
    await feed.publish('big', 'y'.repeat(7_999 - overhead));
    expect(await next(messages)).toEqual(change('y'.repeat(7_999 - overhead)));
    await feed.publish('big', 'y'.repeat(8_000 - overhead));
    expect(await next(messages)).toEqual(resync);
  });

  test('publishes inside a transaction when that commits, and not when it does not', async () => {
    await using feed = await open();
    const messages = iterate(feed, 'kept');
    await next(messages);
    const undone = catalogue.prisma.$transaction(async (transaction) => {
      await feed.publish('kept', 'undone', transaction);
      throw new Error('undo');
    });
    await expect(undone).rejects.toThrow('undo');
    await catalogue.prisma.$transaction((transaction) => feed.publish('kept', 'done', transaction));
    expect(await next(messages)).toEqual(change('done'));
  });

  test('ends when the signal aborts, when the reader leaves and when the feed is disposed', async () => {
    const feed = await open();
    const abort = new AbortController();
    const aborted = iterate(feed, 'end', abort.signal);
    await next(aborted);
    const pending = next(aborted);
    abort.abort();
    expect(await pending).toBe('end');
    expect(await next(iterate(feed, 'end', abort.signal))).toBe('end');

    const seen: FeedMessage[] = [];
    for await (const message of feed.subscribe('end')) {
      seen.push(message);
      break;
    }
    expect(seen).toEqual([resync]);

    const last = iterate(feed, 'end');
    await next(last);
    const waiting = next(last);
    await feed[Symbol.asyncDispose]();
    expect(await waiting).toBe('end');
  });

  test('connects again after a loss and tells every subscriber to read the state', async () => {
    await using feed = await open();
    const messages = iterate(feed, 'lost');
    const others = iterate(feed, 'others');
    await next(messages);
    await next(others);
    const ended = await catalogue.prisma.$queryRaw<unknown[]>`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'strongroom change feed'`;
    expect(ended).toHaveLength(1);
    expect(await next(messages)).toEqual(resync);
    expect(await next(others)).toEqual(resync);
    expect(log.join()).toContain('lost its connection');
    await feed.publish('lost', 'found');
    expect(await next(messages)).toEqual(change('found'));
  });

  test('drops a message that is not ours and goes on', async () => {
    await using feed = await open();
    const messages = iterate(feed, 'ours');
    await next(messages);
    for (const text of ['nonsense', '5', '{"payload":1}', '']) {
      await catalogue.prisma.$executeRaw`SELECT pg_notify('strongroom', ${text})`;
    }
    await feed.publish('ours', 1);
    expect(await next(messages)).toEqual(change(1));
    expect(log).toHaveLength(4);
  });

  test('says why it can not connect the first time', async () => {
    const url = 'postgresql://somebody:geheim@127.0.0.1:1/none';
    const opening = openChangeFeed(url, catalogue, () => undefined);
    await expect(opening).rejects.toMatchObject({ code: 'CATALOGUE_UNAVAILABLE' });
    await expect(opening).rejects.not.toThrow('geheim');
  });
});
