/** The API as commands see it: typed operations in, data out, every failure thrown. */
import { StrongroomError } from '../../errors.ts';
import type { GraphQLAnswer, GraphQLFault, GraphQLRequest, GraphQLTransport } from '../transport.ts';
import { ApiError } from './api-error.ts';
import type { GraphQLOperation } from './operation.ts';

/** Where the API is, and whether it runs in this process. */
export interface ApiPlace {
  readonly transport: GraphQLTransport;
  readonly local: boolean;
  readonly url: string;
}

export interface ApiClient {
  readonly local: boolean;
  /** Runs a query or mutation; rejects with `ApiError` for any error, in the schema or outside of it. */
  run<Data, Variables extends object>(
    operation: GraphQLOperation<Data, Variables>,
    variables: Variables,
  ): Promise<Data>;
  /** Runs a subscription; see `GraphQLTransport.subscribe`. */
  watch<Data, Variables extends object>(
    operation: GraphQLOperation<Data, Variables>,
    variables: Variables,
    signal: AbortSignal,
  ): AsyncIterable<Data>;
  download(url: string): AsyncIterable<Uint8Array>;
}

const textOf = (value: unknown): string | undefined => (typeof value === 'string' ? value : undefined);

function apiError(fault: GraphQLFault): ApiError {
  const { code, help } = fault.extensions ?? {};
  return new ApiError({
    code: textOf(code) ?? 'SERVER_ANSWER',
    message: fault.message,
    help: textOf(help) ?? 'Check that the server has the same version as this command line.',
  });
}

/** The failure in a field's value, if it is one: what selects `...Failure` has all three texts only then. */
function failureIn(value: unknown): ApiError | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  if (!('code' in value && 'message' in value && 'help' in value)) return undefined;
  const code = textOf(value.code);
  const message = textOf(value.message);
  return code === undefined || message === undefined
    ? undefined
    : new ApiError({ code, message, help: textOf(value.help) ?? '' });
}

function dataOf<Data>(answer: GraphQLAnswer, url: string): Data {
  const [fault] = answer.errors ?? [];
  if (fault !== undefined) throw apiError(fault);
  if (answer.data === undefined || answer.data === null) {
    throw new StrongroomError('SERVER_ANSWER', { url, reason: 'the answer holds no data' });
  }
  for (const value of Object.values(answer.data)) {
    const failure = failureIn(value);
    if (failure !== undefined) throw failure;
  }
  return answer.data as Data;
}

const request = (query: string, variables: object): GraphQLRequest => ({ query, variables: { ...variables } });

/** Makes the client; `signal` ends every call that has no signal of its own. */
export function createClient({ transport, local, url }: ApiPlace, signal: AbortSignal): ApiClient {
  return {
    local,
    run: async <Data, Variables extends object>({ text }: GraphQLOperation<Data, Variables>, variables: Variables) =>
      dataOf<Data>(await transport.execute(request(text, variables), signal), url),
    async *watch<Data, Variables extends object>(
      { text }: GraphQLOperation<Data, Variables>,
      variables: Variables,
      watchSignal: AbortSignal,
    ) {
      for await (const answer of transport.subscribe(request(text, variables), watchSignal)) {
        yield dataOf<Data>(answer, url);
      }
    },
    download: (link) => transport.download(link, signal),
  };
}
