/** A Strongroom reached over HTTP: POST for operations, server-sent events for subscriptions. */
import { StrongroomError } from '../../errors.ts';
import type { GraphQLAnswer, GraphQLRequest, GraphQLTransport } from '../transport.ts';

export interface HttpTransportOptions {
  /** The server's address, with or without a path before `/graphql`. */
  readonly url: string;
  readonly token?: string;
}

/** What went wrong below HTTP, in words: fetch hides it in the chain of causes. */
function reasonOf(thrown: unknown): string {
  if (!(thrown instanceof Error)) return String(thrown);
  if (thrown.cause === undefined) return thrown.message || thrown.name;
  if (thrown.cause instanceof AggregateError) return reasonOf(thrown.cause.errors[0]);
  return reasonOf(thrown.cause);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Makes the transport. Nothing is sent before the first call; there is nothing to release. */
export function createHttpTransport({ url, token }: HttpTransportOptions): GraphQLTransport {
  const base = url.endsWith('/') ? url : `${url}/`;
  const endpoint = new URL('graphql', base);

  const unreachable = (thrown: unknown, signal: AbortSignal | undefined): StrongroomError =>
    signal?.aborted === true
      ? new StrongroomError('CANCELLED', {}, { cause: thrown })
      : new StrongroomError('SERVER_UNREACHABLE', { url, reason: reasonOf(thrown) }, { cause: thrown });

  const answerInvalid = (reason: string): StrongroomError => new StrongroomError('SERVER_ANSWER', { url, reason });

  async function send(target: URL, init: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
    // A redirect would carry the token to another address.
    const response = await fetch(target, { ...init, redirect: 'error', ...(signal && { signal }) }).catch(
      (error: unknown) => {
        throw unreachable(error, signal);
      },
    );
    if (response.status === 401 || response.status === 403) {
      await response.body?.cancel();
      const reason = token === undefined ? 'none was given' : 'the one given is not known, expired or revoked';
      throw new StrongroomError('TOKEN_REFUSED', { url, reason });
    }
    if (response.status === 502 || response.status === 503 || response.status === 504) {
      await response.body?.cancel();
      throw new StrongroomError('SERVER_UNREACHABLE', { url, reason: `it answers with status ${response.status}` });
    }
    return response;
  }

  const post = (request: GraphQLRequest, accept: string, signal: AbortSignal | undefined): Promise<Response> =>
    send(
      endpoint,
      {
        method: 'POST',
        headers: {
          accept,
          'content-type': 'application/json',
          ...(token !== undefined && { authorization: `Bearer ${token}` }),
        },
        body: JSON.stringify(request),
      },
      signal,
    );

  function parseAnswer(text: string): GraphQLAnswer {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      throw new StrongroomError('SERVER_ANSWER', { url, reason: 'it is no JSON' }, { cause: error });
    }
    if (!isRecord(value) || !('data' in value || 'errors' in value)) throw answerInvalid('it is no GraphQL result');
    return value;
  }

  async function* chunks(response: Response, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response.body ?? []) yield chunk;
    } catch (error) {
      throw unreachable(error, signal);
    }
  }

  return {
    async execute(request, signal) {
      const response = await post(request, 'application/graphql-response+json, application/json', signal);
      const text = await response.text().catch((error: unknown) => {
        throw unreachable(error, signal);
      });
      return parseAnswer(text);
    },

    async *subscribe(request, signal) {
      const response = await post(request, 'text/event-stream', signal);
      if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream')) {
        yield parseAnswer(await response.text());
        return;
      }
      const { serverSentEvents } = await import('./server-sent-events.ts');
      for await (const { event, data } of serverSentEvents(chunks(response, signal))) {
        if (event === 'complete') return;
        if (event === 'next') yield parseAnswer(data);
      }
      throw new StrongroomError('SERVER_UNREACHABLE', { url, reason: 'the connection dropped' });
    },

    async *download(link, signal) {
      const target = new URL(link, base);
      // The link is signed: it needs no token, which must not reach whatever address it may name.
      const response = await send(target, {}, signal);
      if (!response.ok) {
        await response.body?.cancel();
        throw answerInvalid(`the download answers with status ${response.status}`);
      }
      yield* chunks(response, signal);
    },

    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}
