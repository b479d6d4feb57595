/** A Strongroom reached over HTTP: POST for operations, server-sent events for subscriptions. */
import { StrongroomError } from '../../errors.ts';
import type { IncomingMessage } from 'node:http';
import type { GraphQLAnswer, GraphQLRequest, GraphQLTransport } from '../transport.ts';
import { createHttpClient, type HttpRequest } from './http-client.ts';

export interface HttpTransportOptions {
  /** The server's address, with or without a path before `/graphql`. */
  readonly url: string;
  readonly token?: string;
}

/** What went wrong below HTTP, in words; of several addresses that were tried, at the first. */
function reasonOf(thrown: unknown): string {
  if (thrown instanceof AggregateError && thrown.errors.length > 0) return reasonOf(thrown.errors[0]);
  return thrown instanceof Error ? thrown.message || thrown.name : String(thrown);
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Makes the transport. Nothing is sent before the first call; disposing closes its connections. */
export function createHttpTransport({ url, token }: HttpTransportOptions): GraphQLTransport {
  const base = url.endsWith('/') ? url : `${url}/`;
  const endpoint = new URL('graphql', base);
  const client = createHttpClient();

  const unreachable = (thrown: unknown, signal: AbortSignal | undefined): StrongroomError =>
    signal?.aborted === true
      ? new StrongroomError('CANCELLED', {}, { cause: thrown })
      : new StrongroomError('SERVER_UNREACHABLE', { url, reason: reasonOf(thrown) }, { cause: thrown });

  const answerInvalid = (reason: string): StrongroomError => new StrongroomError('SERVER_ANSWER', { url, reason });

  async function send(
    target: URL,
    request: Omit<HttpRequest, 'signal'>,
    signal: AbortSignal | undefined,
  ): Promise<IncomingMessage> {
    const response = await client.send(target, { ...request, signal }).catch((error: unknown) => {
      throw unreachable(error, signal);
    });
    const { statusCode: status = 0 } = response;
    if (status === 401 || status === 403) {
      response.destroy();
      const reason = token === undefined ? 'none was given' : 'the one given is not known, expired or revoked';
      throw new StrongroomError('TOKEN_REFUSED', { url, reason });
    }
    // A redirect would carry the token to another address.
    if (status === 502 || status === 503 || status === 504 || (status >= 300 && status < 400)) {
      response.destroy();
      throw new StrongroomError('SERVER_UNREACHABLE', { url, reason: `it answers with status ${status}` });
    }
    return response;
  }

  const post = (request: GraphQLRequest, accept: string, signal: AbortSignal | undefined): Promise<IncomingMessage> =>
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

  async function* chunks(response: IncomingMessage, signal: AbortSignal | undefined): AsyncGenerator<Uint8Array> {
    try {
      for await (const chunk of response as AsyncIterable<Buffer>) yield chunk;
    } catch (error) {
      throw unreachable(error, signal);
    }
  }

  async function textOf(response: IncomingMessage, signal: AbortSignal | undefined): Promise<string> {
    const whole = await Array.fromAsync(chunks(response, signal));
    return Buffer.concat(whole).toString('utf8');
  }

  return {
    async execute(request, signal) {
      const response = await post(request, 'application/graphql-response+json, application/json', signal);
      return parseAnswer(await textOf(response, signal));
    },

    async *subscribe(request, signal) {
      const response = await post(request, 'text/event-stream', signal);
      if (!(response.headers['content-type'] ?? '').startsWith('text/event-stream')) {
        yield parseAnswer(await textOf(response, signal));
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
      const response = await send(target, { method: 'GET', headers: {} }, signal);
      const { statusCode: status = 0 } = response;
      if (status < 200 || status > 299) {
        response.destroy();
        throw answerInvalid(`the download answers with status ${status}`);
      }
      yield* chunks(response, signal);
    },

    [Symbol.asyncDispose]: async () => client[Symbol.dispose](),
  };
}
