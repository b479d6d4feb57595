/** The API in this process, with full rights, for the command line when no server runs. */
import type { GraphQLSchema } from 'graphql';
import type { GraphQLAnswer, GraphQLRequest, GraphQLTransport } from '../cli/transport.ts';
import { StrongroomError } from '../errors.ts';
import type { GraphQLContext, Viewer } from '../graphql/context.ts';
import { isInvalid, prepare, run } from '../graphql/execute.ts';
import type { ErrorPresentation } from '../graphql/present-error.ts';
import type { Browse } from '../services/browse.ts';
import type { SignedLinks } from './download-links.ts';

export interface LocalTransportDeps {
  readonly schema: GraphQLSchema;
  readonly context: Omit<GraphQLContext, 'viewer'>;
  readonly presentation: ErrorPresentation;
  readonly browse: Browse;
  readonly links: SignedLinks;
  /** What is taken apart with the transport. */
  readonly parts: AsyncDisposable;
}

/** Who the command line is when it works in process: the operator of the machine. */
const operator: Viewer = { actor: { kind: 'system', name: 'command line' } };

/** Makes the transport. Disposing it disposes its parts. */
export function createLocalTransport(deps: LocalTransportDeps): GraphQLTransport {
  const { schema, presentation, browse, links, parts } = deps;
  const context: GraphQLContext = { ...deps.context, viewer: operator };

  async function start(request: GraphQLRequest) {
    const operation = prepare(schema, request);
    return isInvalid(operation) ? { errors: operation } : run(schema, operation, context, presentation);
  }

  return {
    async execute(request, signal) {
      const result = await raceAbort(start(request), signal);
      if (!(Symbol.asyncIterator in result)) return plain(result);
      await result.return?.();
      throw new StrongroomError('INPUT_INVALID', { field: 'query', reason: 'this is a subscription.' });
    },

    async *subscribe(request, signal) {
      const result = await raceAbort(start(request), signal);
      if (!(Symbol.asyncIterator in result)) {
        yield plain(result);
        return;
      }
      const stop = (): void => void result.return?.();
      signal?.addEventListener('abort', stop, { once: true });
      try {
        for await (const next of result) yield plain(next);
      } finally {
        signal?.removeEventListener('abort', stop);
      }
    },

    async *download(url, signal) {
      const signed = url.slice(url.lastIndexOf('/') + 1);
      const file = links.check(signed);
      if (file === undefined) throw new StrongroomError('DOWNLOAD_LINK_INVALID', {});
      yield* browse.read(file.backupId, file.path, signal);
    },

    [Symbol.asyncDispose]: async () => {
      await parts[Symbol.asyncDispose]();
    },
  };
}

/** A result as it would come over HTTP: plain JSON values. */
const plain = (result: object): GraphQLAnswer => {
  const answer: GraphQLAnswer = JSON.parse(JSON.stringify(result));
  return answer;
};

/** The operation's end, or the signal's. */
async function raceAbort<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return work;
  const aborted = Promise.withResolvers<never>();
  const stop = (): void => aborted.reject(new StrongroomError('CANCELLED', {}));
  if (signal.aborted) stop();
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([work, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
