import { createClient } from 'graphql-ws';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { serverSentEvents } from '../../src/cli/api/server-sent-events.ts';
import type { RunState } from '../../src/services/progress.ts';
import { mutate, startTestService, type TestService } from './support/service.ts';
import { type Ground, makeGround, untilEnded } from './support/workload.ts';

let service: TestService;
let ground: Ground;
beforeAll(async () => {
  service = await startTestService();
  ground = await makeGround(service, 'watched');
});
afterAll(() => service?.[Symbol.asyncDispose]());

type State = Pick<RunState, 'status' | 'phase' | 'finished'> & { bytesDone: string; currentItem: string | null };
interface Next {
  readonly data?: { readonly backupProgress?: State } | null;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
}

const query = `subscription($id: ID!) {
  backupProgress(id: $id) { status phase bytesDone currentItem finished backup { id status } }
}`;

const socket = (token: string, lazy = true) =>
  createClient({
    url: `${service.url.replace('http', 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
    lazy,
    onNonLazyError: () => undefined,
  });

async function* overWebSocket(id: string, document = query): AsyncGenerator<Next> {
  const client = socket(service.token);
  try {
    for await (const next of client.iterate({ query: document, variables: { id } })) yield next as Next;
  } finally {
    await client.dispose();
  }
}

async function* overEvents(id: string, document = query): AsyncGenerator<Next> {
  const stop = new AbortController();
  const response = await fetch(`${service.url}/graphql`, {
    method: 'POST',
    signal: stop.signal,
    headers: {
      accept: 'text/event-stream',
      'content-type': 'application/json',
      authorization: `Bearer ${service.token}`,
    },
    body: JSON.stringify({ query: document, variables: { id } }),
  });
  try {
    if (response.body === null) return;
    for await (const { event, data } of serverSentEvents(response.body)) {
      if (event === 'complete') return;
      if (event === 'next') yield JSON.parse(data) as Next;
    }
    throw new Error('The stream ended without its closing event.');
  } finally {
    stop.abort();
  }
}

const startBackup = async (): Promise<string> => {
  const { workloadId, repositoryId } = ground;
  return (await mutate(service, 'createBackup', { workloadId, repositoryId }, 'Backup')).id;
};

const collect = async (stream: AsyncIterable<Next>): Promise<State[]> => {
  const states: State[] = [];
  for await (const { data, errors } of stream) {
    if (errors !== undefined) throw new Error(errors[0]?.message);
    if (data?.backupProgress) states.push(data.backupProgress);
  }
  return states;
};

describe.each([
  ['WebSocket', overWebSocket],
  ['Server-Sent Events', overEvents],
] as const)('progress over %s', (_name, watch) => {
  test('tells the present state, what changes, the final state, and completes', async () => {
    const held = service.engine.hold('backup');
    const id = await startBackup();
    await held.started;
    const stream = watch(id);
    const first = await stream.next();
    expect(first.value).toMatchObject({ data: { backupProgress: { status: 'RUNNING', finished: false } } });
    held.progress({ phase: 'READING', currentItem: 'a.txt', itemsDone: 1, bytesDone: 77, warningCount: 0 });
    const seen: State[] = [];
    for await (const next of stream) {
      const state = next.data?.backupProgress;
      if (state) seen.push(state);
      if (state?.bytesDone === '77') held.release();
    }
    expect(seen.some(({ currentItem }) => currentItem === 'a.txt')).toBe(true);
    expect(seen.at(-1)).toMatchObject({ status: 'SUCCEEDED', phase: 'DONE', finished: true });
    expect(seen.filter(({ finished }) => finished)).toHaveLength(1);
  });

  test('gives a late subscriber the final state alone', async () => {
    const id = await startBackup();
    await untilEnded(service, 'backup', id);
    const states = await collect(watch(id));
    expect(states).toHaveLength(1);
    expect(states[0]).toMatchObject({ status: 'SUCCEEDED', finished: true });
  });

  test('serves two subscribers, and one that leaves does not end the other', async () => {
    const held = service.engine.hold('backup');
    const id = await startBackup();
    await held.started;
    const leaving = watch(id);
    const staying = watch(id);
    await Promise.all([leaving.next(), staying.next()]);
    await leaving.return(undefined);
    held.release();
    const states = await collect(staying);
    expect(states.at(-1)).toMatchObject({ status: 'SUCCEEDED', finished: true });
  });

  test('tells of a cancelled run', async () => {
    const held = service.engine.hold('backup');
    const id = await startBackup();
    await held.started;
    const stream = watch(id);
    await stream.next();
    await mutate(service, 'cancelBackup', { id }, 'Backup');
    const states = await collect(stream);
    expect(states.at(-1)).toMatchObject({ status: 'CANCELLED', finished: true });
  });

  test('answers a missing or malformed id with an error and completes', async () => {
    const missing = Buffer.from('Backup:00000000-0000-7000-8000-000000000000').toString('base64url');
    for (const [id, code] of [
      [missing, 'OBJECT_NOT_FOUND'],
      ['nonsense', 'INPUT_INVALID'],
    ] as const) {
      const answers: Next[] = [];
      for await (const next of watch(id)) answers.push(next);
      expect(answers).toHaveLength(1);
      expect(answers[0]?.errors?.[0]?.extensions).toMatchObject({ code });
    }
  });
});

describe('a socket', () => {
  test('runs queries and mutations too', async () => {
    const client = socket(service.token);
    const answers: unknown[] = [];
    for await (const next of client.iterate({ query: '{ server { version } }' })) answers.push(next.data);
    expect(answers).toEqual([{ server: { version: '0.0.0-test' } }]);
    await client.dispose();
  });

  test('survives a syntax error, an unknown field and a costly query, with its other subscriptions', async () => {
    const held = service.engine.hold('backup');
    const id = await startBackup();
    await held.started;
    const client = socket(service.token);
    const good = client.iterate({ query, variables: { id } });
    await good.next();
    const bad = ['subscription {', '{ nothingOfThatName }', `{ ${'a: server { version } '.repeat(40)} }`];
    for (const document of bad) {
      const failed = client.iterate({ query: document }).next();
      await expect(failed).rejects.toBeInstanceOf(Array);
    }
    held.release();
    let last: unknown;
    for await (const next of good) last = next.data;
    expect(last).toMatchObject({ backupProgress: { status: 'SUCCEEDED', finished: true } });
    await client.dispose();
  });

  test('is closed with 4403 without a valid token', async () => {
    for (const token of ['', 'srt_wrong']) {
      const client = socket(token);
      await expect(client.iterate({ query: '{ server { version } }' }).next()).rejects.toMatchObject({ code: 4403 });
      await client.dispose();
    }
  });

  test('refuses what a token that was revoked meanwhile asks for', async () => {
    const made = await mutate(service, 'createToken', { name: 'short' }, 'CreatedToken', 'secret token { id }');
    const { id } = made['token'] as { id: string };
    const client = socket(String(made['secret']), false);
    await client.iterate({ query: '{ viewer { name } }' }).next();
    const { __typename: type } = await mutate(service, 'revokeToken', { id }, 'AccessToken');
    expect(type).toBe('AccessToken');
    const refused = client.iterate({ query: '{ viewer { name } }' }).next();
    await expect(refused).rejects.toEqual([
      expect.objectContaining({ extensions: expect.objectContaining({ code: 'UNAUTHENTICATED' }) }),
    ]);
    await client.dispose();
  });
});
