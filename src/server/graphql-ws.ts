/** GraphQL over WebSocket: https://github.com/graphql/graphql-over-http and the protocol graphql-transport-ws. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { GraphQLError, GraphQLSchema } from 'graphql';
import { GRAPHQL_TRANSPORT_WS_PROTOCOL } from 'graphql-ws';
import { useServer } from 'graphql-ws/use/ws';
import { WebSocketServer } from 'ws';
import { StrongroomError } from '../errors.ts';
import type { GraphQLContext, Viewer } from '../graphql/context.ts';
import { isInvalid, prepare, type PreparedOperation, run } from '../graphql/execute.ts';
import { catalogued, type ErrorPresentation, presentError } from '../graphql/present-error.ts';
import type { Authenticator } from './authenticate.ts';
import { serverLimits } from './limits.ts';

export interface GraphQLSocketDeps {
  readonly schema: GraphQLSchema;
  readonly authenticate: Authenticator;
  readonly context: Omit<GraphQLContext, 'viewer'>;
  readonly presentation: ErrorPresentation;
}

export interface GraphQLSockets extends AsyncDisposable {
  /** Takes over a connection that asks for a WebSocket. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void;
}

/** What is found before an operation runs, for the call that runs it. */
interface Ready {
  readonly operation: PreparedOperation;
  readonly viewer: Viewer;
}

/**
 * Makes the sockets. A client signs in with `connectionParams.authorization`; its token is looked at again for every
 * operation. Whatever is wrong with one operation is answered to that one, never by closing the socket with all the others.
 * Disposing closes every socket with 1001.
 */
export function createGraphQLSockets(deps: GraphQLSocketDeps): GraphQLSockets {
  const { schema, authenticate, context, presentation } = deps;
  const server = new WebSocketServer({
    noServer: true,
    maxPayload: serverLimits.socketMessage,
    handleProtocols: (protocols) =>
      protocols.has(GRAPHQL_TRANSPORT_WS_PROTOCOL) ? GRAPHQL_TRANSPORT_WS_PROTOCOL : false,
  });
  const ready = new WeakMap<object, Ready>();
  const signedOut = (): GraphQLError => catalogued(new StrongroomError('UNAUTHENTICATED', {}));

  const handler = useServer(
    {
      schema,
      isProd: true,
      connectionInitWaitTimeout: serverLimits.socketSignIn,
      onConnect: async ({ connectionParams }) => (await authenticate(authorization(connectionParams))) !== undefined,
      onSubscribe: async ({ connectionParams, subscriptions }, _id, payload) => {
        try {
          const viewer = await authenticate(authorization(connectionParams));
          if (viewer === undefined) return [signedOut()];
          if (Object.keys(subscriptions).length > serverLimits.socketOperations) {
            return [catalogued(new StrongroomError('SERVER_BUSY', {}))];
          }
          const operation = prepare(schema, payload);
          if (isInvalid(operation)) return operation;
          const args = { schema, document: operation.document, variableValues: operation.variables };
          ready.set(args, { operation, viewer });
          return { ...args, contextValue: args };
        } catch (error) {
          return [presentError(error, presentation)];
        }
      },
      execute: (args) => start(args.contextValue),
      subscribe: (args) => start(args.contextValue),
    },
    server,
    serverLimits.socketPing,
  );

  async function start(key: unknown) {
    const found = typeof key === 'object' && key !== null ? ready.get(key) : undefined;
    if (found === undefined) return { errors: [signedOut()] };
    try {
      return await run(schema, found.operation, { ...context, viewer: found.viewer }, presentation);
    } catch (error) {
      return { errors: [presentError(error, presentation)] };
    }
  }

  return {
    upgrade(request, socket, head) {
      if (server.clients.size >= serverLimits.sockets) {
        socket.end('HTTP/1.1 503 Service Unavailable\r\nconnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, socket, head, (client) => {
        client.on('error', () => client.terminate());
        server.emit('connection', client, request);
      });
    },
    async [Symbol.asyncDispose]() {
      await handler.dispose();
      for (const client of server.clients) client.close(1001, 'Going away');
      server.close();
    },
  };
}

/** The header that a client can't set on a WebSocket, from the parameters of its connection. */
function authorization(parameters: Readonly<Record<string, unknown>> | undefined): unknown {
  const { authorization: lower, Authorization: upper } = parameters ?? {};
  return lower ?? upper;
}
