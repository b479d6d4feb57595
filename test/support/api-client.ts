/** A client of the public GraphQL API, as any front end would be: HTTP for questions, a WebSocket or server-sent events for what is live. */
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface Api extends AsyncDisposable {
  readonly url: string;
  /** Asks; a typed failure in the answer becomes an exception. */
  ask<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
  /** Asks, and leaves typed failures in the answer. */
  answer<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
  /** Asks, and gives the answer as it came, errors included. */
  raw(query: string, variables?: Record<string, unknown>): Promise<RawAnswer>;
  /** Subscribes over a WebSocket; ends when the subscription completes. */
  watch<T>(query: string, variables: Record<string, unknown>): AsyncIterable<T>;
  /** Subscribes over server-sent events; ends when the subscription completes. */
  watchEvents<T>(query: string, variables: Record<string, unknown>): AsyncIterable<T>;
}

export interface RawAnswer {
  readonly data?: unknown;
  readonly errors?: readonly { readonly message: string; readonly extensions?: Record<string, unknown> }[];
}

interface Failure {
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

interface Answer<T> {
  readonly data?: T;
  readonly errors?: readonly { readonly message: string }[];
}

export function connect(url: string, token: string): Api {
  const authorization = `Bearer ${token}`;
  const live = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    webSocketImpl: WebSocket,
    connectionParams: { authorization },
  });
  const post = (query: string, variables: Record<string, unknown>, accept: string): Promise<Response> =>
    fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, authorization },
      body: JSON.stringify({ query, variables }),
    });
  const answerOf = async <T>(query: string, variables: Record<string, unknown> = {}): Promise<T> => {
    const response = await post(query, variables, 'application/json');
    return dataOf((await response.json()) as Answer<T>);
  };
  return {
    url,
    answer: answerOf,
    async ask<T>(query: string, variables?: Record<string, unknown>): Promise<T> {
      return withoutFailure(await answerOf<T>(query, variables));
    },
    async raw(query, variables = {}) {
      const response = await post(query, variables, 'application/json');
      return (await response.json()) as RawAnswer;
    },
    async *watch<T>(query: string, variables: Record<string, unknown>): AsyncGenerator<T> {
      for await (const answer of live.iterate({ query, variables })) yield dataOf(answer as Answer<T>);
    },
    async *watchEvents<T>(query: string, variables: Record<string, unknown>): AsyncGenerator<T> {
      const response = await post(query, variables, 'text/event-stream');
      if (response.body === null) throw new Error(`The service answered ${response.status} and nothing else.`);
      for await (const { event, data } of eventsOf(response.body)) {
        if (event === 'complete') return;
        if (event === 'next') yield dataOf(JSON.parse(data) as Answer<T>);
      }
      throw new Error('The events ended without a word that they are complete.');
    },
    [Symbol.asyncDispose]: async () => live.dispose(),
  };
}

function dataOf<T>({ data, errors }: Answer<T>): T {
  const [first] = errors ?? [];
  if (first !== undefined) throw new Error(first.message);
  if (data === undefined || data === null) throw new Error('The service answered nothing.');
  return data;
}

function withoutFailure<T>(data: T): T {
  for (const value of Object.values(data as object))
    if (isFailure(value)) throw new Error(`${value.code}: ${value.message} ${value.help}`);
  return data;
}

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'code' in value && 'help' in value;

async function* eventsOf(body: ReadableStream<Uint8Array>): AsyncGenerator<{ event: string; data: string }> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of body) {
    text += decoder.decode(chunk, { stream: true });
    const blocks = text.split('\n\n');
    text = blocks.pop() ?? '';
    for (const block of blocks) yield { event: fieldOf(block, 'event'), data: fieldOf(block, 'data') };
  }
}

const fieldOf = (block: string, name: string): string =>
  block
    .split('\n')
    .filter((line) => line.startsWith(`${name}: `))
    .map((line) => line.slice(name.length + 2))
    .join('\n');
