/** A Strongroom inside the process of the command line, its jobs worked there too. */
import type { GraphQLTransport } from '../cli/transport.ts';
import type { Config } from '../config.ts';
import { schema } from '../graphql/schema.ts';
import { assemble, startAssembledWorker, type Surroundings } from './assemble.ts';
import { surroundingsOf } from './graphql-context.ts';
import { createLocalTransport } from './local-transport.ts';

/**
 * Opens it. On an embedded catalogue that another process has started, that one is used. Disposing the transport ends
 * its streams, hands back the runs and stops what was started.
 */
export async function openLocalService(config: Config, around: Surroundings): Promise<GraphQLTransport> {
  await using parts = new AsyncDisposableStack();
  const assembly = parts.use(await assemble(config, around, 'either'));
  parts.use(await startAssembledWorker(assembly));
  const stopping = new AbortController();
  parts.defer(() => stopping.abort());
  const { context, presentation, links } = surroundingsOf(assembly, {
    baseUrl: () => '',
    stopping: stopping.signal,
  });
  const owned = parts.move();
  return createLocalTransport({ schema, context, presentation, browse: assembly.services.browse, links, parts: owned });
}
