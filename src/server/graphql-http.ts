/** GraphQL over HTTP: queries and mutations as JSON, subscriptions as Server-Sent Events. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { GraphQLSchema } from 'graphql';
import { createYoga, type Plugin } from 'graphql-yoga';
import { StrongroomError } from '../errors.ts';
import type { GraphQLContext, Viewer } from '../graphql/context.ts';
import { type ErrorPresentation, presentError } from '../graphql/present-error.ts';
import { limitRules, parseDocument } from '../graphql/query-rules.ts';
import type { Authenticator } from './authenticate.ts';
import { serverLimits } from './limits.ts';
import { respondError } from './respond.ts';

export interface GraphQLHttpDeps {
  readonly schema: GraphQLSchema;
  readonly authenticate: Authenticator;
  readonly context: Omit<GraphQLContext, 'viewer'>;
  readonly presentation: ErrorPresentation;
}

/** Handles requests to `/graphql` that are not for the page. */
export type GraphQLHttpHandler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

type ServerContext = { readonly viewer: Viewer };

/** Applies the limits of documents. */
const limits: Plugin = {
  onParse: ({ setParseFn }) => setParseFn((source) => parseDocument(typeof source === 'string' ? source : source.body)),
  onValidate: ({ addValidationRule }) => {
    for (const rule of limitRules) addValidationRule(rule);
  },
};

/**
 * Makes the handler. Without a valid token nothing of a request is read: no introspection, no hint of what there is.
 * Only what makes a browser ask first is taken: a token in a header and, for POST, `application/json`.
 */
export function createGraphQLHttp({
  schema,
  authenticate,
  context,
  presentation,
}: GraphQLHttpDeps): GraphQLHttpHandler {
  const yoga = createYoga<ServerContext, GraphQLContext>({
    schema,
    context: ({ viewer }) => ({ ...context, viewer }),
    graphqlEndpoint: '/graphql',
    plugins: [limits],
    maskedErrors: {
      errorMessage: '',
      maskError: (error) => presentError(error, presentation),
    },
    batching: false,
    cors: false,
    graphiql: false,
    landingPage: false,
    multipart: false,
    logging: false,
    maxRequestBodySize: serverLimits.body,
    // Documents are small and few; a cache would keep as many of them as a client cares to send.
    parserAndValidationCache: false,
  });

  return async (request, response) => {
    const viewer = await authenticate(request.headers.authorization);
    if (viewer === undefined) {
      respondError(response, 401, new StrongroomError('UNAUTHENTICATED', {}));
      return;
    }
    const type = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase();
    if (request.method === 'POST' && type !== 'application/json') {
      const reason = `the content type is ${type === undefined ? 'missing' : 'not application/json'}.`;
      respondError(response, 415, new StrongroomError('REQUEST_UNSUPPORTED', { reason }));
      return;
    }
    await yoga.handle(request, response, { viewer });
  };
}
