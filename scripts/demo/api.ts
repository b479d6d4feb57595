/** A client of the public GraphQL API, as any front end would be: HTTP for questions, a WebSocket for what is live. */
import { createClient } from 'graphql-ws';
import { WebSocket } from 'ws';

export interface Api extends AsyncDisposable {
  /** Asks; a typed failure in the answer becomes an exception. */
  ask<T>(query: string, variables?: Record<string, unknown>): Promise<T>;
  /** Subscribes; ends when the subscription completes. */
  watch<T>(query: string, variables: Record<string, unknown>): AsyncIterable<T>;
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
  return {
    async ask<T>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
      const response = await fetch(`${url}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization },
        body: JSON.stringify({ query, variables }),
      });
      return dataOf((await response.json()) as Answer<T>);
    },
    async *watch<T>(query: string, variables: Record<string, unknown>): AsyncGenerator<T> {
      for await (const answer of live.iterate({ query, variables })) yield dataOf(answer as Answer<T>);
    },
    [Symbol.asyncDispose]: async () => live.dispose(),
  };
}

function dataOf<T>({ data, errors }: Answer<T>): T {
  const [first] = errors ?? [];
  if (first !== undefined) throw new Error(first.message);
  if (data === undefined || data === null) throw new Error('The service answered nothing.');
  for (const value of Object.values(data))
    if (isFailure(value)) throw new Error(`${value.code}: ${value.message} ${value.help}`);
  return data;
}

const isFailure = (value: unknown): value is Failure =>
  typeof value === 'object' && value !== null && 'code' in value && 'help' in value;
