/** The HTTP server: GraphQL, downloads and health on one port. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { asStrongroomError, StrongroomError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { DownloadHandler } from './download.ts';
import type { GraphiQLHandler } from './graphiql.ts';
import { wantsPage } from './graphiql.ts';
import type { GraphQLHttpHandler } from './graphql-http.ts';
import type { GraphQLSockets } from './graphql-ws.ts';
import { serverLimits } from './limits.ts';
import { respondError, respondJson, secure, statusOf } from './respond.ts';

export interface HttpServerDeps {
  readonly host: string;
  /** 0 takes any free one. */
  readonly port: number;
  readonly graphql: GraphQLHttpHandler;
  readonly sockets: GraphQLSockets;
  readonly graphiql: GraphiQLHandler;
  readonly download: DownloadHandler;
  /** Resolves when the service can work; rejects otherwise. */
  readonly ready: () => Promise<void>;
  /** Aborted first when the server is disposed, so that streams end by themselves. */
  readonly stopping: AbortController;
  readonly log: Logger;
}

export interface HttpServer extends AsyncDisposable {
  /** Where it listens, for instance `http://127.0.0.1:7878`. */
  readonly url: string;
}

/**
 * Starts to listen. Disposing takes no more requests, ends streams with their closing word, waits a little for what is
 * under way, then cuts the rest. Rejects with `SERVER_ADDRESS` when the address can't be listened at.
 */
export async function startHttpServer(deps: HttpServerDeps): Promise<HttpServer> {
  const server = createServer(
    {
      maxHeaderSize: serverLimits.headers,
      headersTimeout: serverLimits.headersTime,
      requestTimeout: serverLimits.requestTime,
      keepAliveTimeout: serverLimits.keepAlive,
    },
    (request, response) => {
      secure(response);
      void route(deps, request, response).catch((thrown: unknown) => fail(deps.log, response, thrown));
    },
  );
  server.maxConnections = serverLimits.connections;
  server.on('upgrade', (request: IncomingMessage, socket, head: Buffer) => {
    socket.on('error', () => socket.destroy());
    if (pathOf(request) === '/graphql') deps.sockets.upgrade(request, socket, head);
    else socket.end('HTTP/1.1 404 Not Found\r\nconnection: close\r\n\r\n');
  });
  await listen(server, deps);

  return {
    url: urlOf(server, deps.host),
    async [Symbol.asyncDispose]() {
      deps.stopping.abort();
      const closed = Promise.withResolvers<void>();
      server.close(() => closed.resolve());
      await deps.sockets[Symbol.asyncDispose]();
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), serverLimits.drain);
      await closed.promise;
      clearTimeout(cut);
    },
  };
}

async function route(deps: HttpServerDeps, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const path = pathOf(request);
  if (path === '/graphql') {
    await (wantsPage(request) ? deps.graphiql(request, response) : deps.graphql(request, response));
    return;
  }
  const reads = request.method === 'GET' || request.method === 'HEAD';
  if (reads && path.startsWith('/download/')) {
    await deps.download(request, response, path.slice('/download/'.length));
  } else if (reads && path === '/healthz') {
    respondJson(response, 200, { status: 'ok' });
  } else if (reads && path === '/readyz') {
    await answerReadiness(deps, response);
  } else if (reads && path === '/') {
    response.writeHead(302, { location: '/graphql' }).end();
  } else {
    const reason = `there is nothing at ${request.method ?? 'this method'} ${path.slice(0, 200)}.`;
    respondError(response, 404, new StrongroomError('REQUEST_UNSUPPORTED', { reason }));
  }
}

async function answerReadiness(deps: HttpServerDeps, response: ServerResponse): Promise<void> {
  const late = Promise.withResolvers<never>();
  const timer = setTimeout(() => late.reject(new StrongroomError('SERVER_BUSY', {})), serverLimits.ready);
  try {
    if (deps.stopping.signal.aborted) throw new StrongroomError('SERVER_BUSY', {});
    await Promise.race([deps.ready(), late.promise]);
    respondJson(response, 200, { status: 'ready' });
  } catch (error) {
    deps.log.warn('The catalogue is out of reach', { error });
    respondJson(response, 503, { status: 'unavailable', reason: 'The catalogue is out of reach.' });
  } finally {
    clearTimeout(timer);
  }
}

function fail(log: Logger, response: ServerResponse, thrown: unknown): void {
  const error = asStrongroomError(thrown);
  log.error('A request failed', { error });
  if (response.headersSent || response.destroyed) response.destroy();
  else
    respondError(
      response,
      statusOf(error),
      error.category === 'internal' ? new StrongroomError('SERVER_BUSY', {}) : error,
    );
}

const pathOf = (request: IncomingMessage): string => (request.url ?? '/').replace(/[?#].*$/su, '');

function listen(server: Server, { host, port }: HttpServerDeps): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (cause: Error & { code?: string }) => {
    const reason = cause.code === 'EADDRINUSE' ? 'something listens there already' : cause.message;
    reject(new StrongroomError('SERVER_ADDRESS', { address: `${host}:${port}`, reason }, { cause }));
  });
  server.listen({ host, port }, () => resolve());
  return promise;
}

function urlOf(server: Server, host: string): string {
  const address: AddressInfo | string | null = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}
