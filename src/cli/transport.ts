/** How the command line reaches a Strongroom: a server over HTTP, or one in this process. */

/** One GraphQL operation to run. */
export interface GraphQLRequest {
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
}

/** An error that is not part of the schema, as GraphQL reports it. */
export interface GraphQLFault {
  readonly message: string;
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** What comes back: plain JSON values, BigInt and DateTime as strings. */
export interface GraphQLAnswer {
  readonly data?: Readonly<Record<string, unknown>> | null;
  readonly errors?: readonly GraphQLFault[];
}

/**
 * A way to a Strongroom. Every call rejects with `SERVER_UNREACHABLE` when it is out of reach (a retry may help) and
 * with `TOKEN_REFUSED` when the token is refused. Aborting `signal` ends the call.
 */
export interface GraphQLTransport extends AsyncDisposable {
  /** Runs a query or a mutation. */
  execute(request: GraphQLRequest, signal?: AbortSignal): Promise<GraphQLAnswer>;
  /**
   * Runs a subscription; the iteration ends when the server completes it and rejects with `SERVER_UNREACHABLE` when
   * the connection drops. Leaving the iteration ends the subscription.
   */
  subscribe(request: GraphQLRequest, signal?: AbortSignal): AsyncIterable<GraphQLAnswer>;
  /** The bytes behind a link that `downloadUrl` gave, absolute or relative; a slow reader holds the sender back. */
  download(url: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}
