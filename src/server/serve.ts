/** The service: the API on a port, and a worker beside it. */
import { ensureAdminToken } from '../catalogue/tokens.ts';
import { schema } from '../graphql/schema.ts';
import { type Assembly, startAssembledWorker } from './assemble.ts';
import { createAuthenticator } from './authenticate.ts';
import { createDownloadHandler } from './download.ts';
import { createGraphiQL } from './graphiql.ts';
import { surroundingsOf } from './graphql-context.ts';
import { createGraphQLHttp } from './graphql-http.ts';
import { createGraphQLSockets } from './graphql-ws.ts';
import { startHttpServer } from './http.ts';

export interface RunningService extends AsyncDisposable {
  /** Where it listens, for instance `http://127.0.0.1:7878`. */
  readonly url: string;
  /** The first token, made just now; undefined when there was one before. To be shown this once. */
  readonly adminToken: string | undefined;
}

/**
 * Starts the service on parts that outlive it. Disposing ends streams, waits a little for requests under way, then hands
 * the runs of its worker to others.
 */
export async function serve(assembly: Assembly): Promise<RunningService> {
  const { catalogue, services, config, clock, log } = assembly;
  await using running = new AsyncDisposableStack();
  if (config.worksJobs) running.use(await startAssembledWorker(assembly));

  const stopping = new AbortController();
  let baseUrl = config.publicUrl ?? '';
  const { context, presentation, links } = surroundingsOf(assembly, {
    baseUrl: () => baseUrl,
    stopping: stopping.signal,
  });
  const deps = { schema, authenticate: createAuthenticator(catalogue.prisma, clock), context, presentation };
  const http = running.use(
    await startHttpServer({
      host: config.host,
      port: config.port,
      graphql: createGraphQLHttp(deps),
      sockets: createGraphQLSockets(deps),
      graphiql: createGraphiQL(),
      download: createDownloadHandler({ browse: services.browse, links, log }),
      ready: async () => {
        await catalogue.prisma.$queryRaw`SELECT 1`;
      },
      stopping,
      log,
    }),
  );
  if (config.publicUrl === undefined) baseUrl = http.url;
  // Only now: a start that fails, on a port in use for instance, must not use up the one time that the token is shown.
  const adminToken = await catalogue.prisma.$transaction((transaction) => ensureAdminToken(transaction));
  const owned = running.move();
  return { url: http.url, adminToken: adminToken?.secret, [Symbol.asyncDispose]: () => owned.disposeAsync() };
}
