/** Puts the parts of the service together that every way of running it needs, from the configuration to the services. */
import { applyMigrations } from '../../prisma/migrate.ts';
import { type ChangeFeed, openChangeFeed } from '../catalogue/change-feed.ts';
import { type Catalogue, openCatalogue } from '../catalogue/client.ts';
import { findEmbeddedServer, startEmbeddedServer } from '../catalogue/embedded-server.ts';
import { loadInstanceKey } from '../catalogue/instance-key.ts';
import { createSealing, type Sealing } from '../catalogue/sealing.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config.ts';
import type { Engine } from '../engine/operations.ts';
import { StrongroomError } from '../errors.ts';
import { createQueue, type Queue } from '../jobs/queue.ts';
import { startWorker } from '../jobs/worker.ts';
import type { Logger } from '../log.ts';
import { createPluginHost, loadPlugins } from '../plugins.ts';
import { createServices, type Services } from '../services/index.ts';

/** What an engine needs to know of its surroundings. */
export interface EngineOptions {
  readonly pluginModules: readonly string[];
  readonly roots: readonly string[];
  readonly dataDirectory: string;
  readonly lanes: number;
  /** Version of Strongroom. */
  readonly program: string;
}

/** What the composition root brings along. */
export interface Surroundings {
  createEngine(options: EngineOptions): Engine;
  readonly clock: Clock;
  readonly log: Logger;
  /** Version of Strongroom. */
  readonly version: string;
}

/** The parts, alive until disposed. */
export interface Assembly extends AsyncDisposable {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly sealing: Sealing;
  readonly feed: ChangeFeed;
  readonly queue: Queue;
  readonly engine: Engine;
  readonly services: Services;
  readonly clock: Clock;
  readonly log: Logger;
  readonly version: string;
}

/** Whose PostgreSQL: this process starts the embedded one, finds a running one, or takes whichever works. */
export type EmbeddedUse = 'start' | 'find' | 'either';

/**
 * Assembles the parts, migrations applied. Disposing takes them apart in the reverse order. Rejects with what is wrong
 * (configuration, catalogue, key, plugins), everything begun taken back.
 */
export async function assemble(config: Config, around: Surroundings, embedded: EmbeddedUse): Promise<Assembly> {
  const { clock, log, version } = around;
  await using parts = new AsyncDisposableStack();
  const note = (message: string): void => log.info(message);
  const url = config.databaseUrl ?? (await embeddedUrl(config, embedded, note, parts));
  await applyMigrations(url, note);
  const onConnectionLost = (error: Error): void => log.warn('A connection to the catalogue was lost', { error });
  const catalogue = parts.use(openCatalogue(url, { onConnectionLost }));
  const feed = parts.use(await openChangeFeed(url, catalogue, (message) => log.warn(message)));
  const sealing = createSealing(await loadInstanceKey(config));
  const plugins = await loadPlugins(config.plugins);
  const { roots, dataDirectory, lanes } = config;
  const engine = parts.use(
    around.createEngine({ pluginModules: config.plugins, roots, dataDirectory, lanes, program: around.version }),
  );
  const queue = parts.use(await createQueue(url, { log }));
  const host = createPluginHost({ roots, dataDir: dataDirectory });
  const services = createServices({ catalogue, sealing, feed, queue, engine, plugins, host, clock });
  const owned = parts.move();
  return {
    config,
    catalogue,
    sealing,
    feed,
    queue,
    engine,
    services,
    clock,
    log,
    version,
    [Symbol.asyncDispose]: () => owned.disposeAsync(),
  };
}

/** Works jobs in this process until disposed. */
export const startAssembledWorker = (assembly: Assembly): Promise<AsyncDisposable> => {
  const { workerName: name, lanes } = assembly.config;
  return startWorker({ ...assembly, worker: { name, lanes } });
};

async function embeddedUrl(
  { dataDirectory }: Config,
  use: EmbeddedUse,
  log: (message: string) => void,
  parts: AsyncDisposableStack,
): Promise<string> {
  if (use === 'find') return findEmbeddedServer(dataDirectory);
  try {
    return parts.use(await startEmbeddedServer({ dataDirectory, log })).url;
  } catch (error) {
    const elsewhere = error instanceof StrongroomError && error.code === 'CATALOGUE_IN_USE';
    if (use === 'either' && elsewhere) return findEmbeddedServer(dataDirectory);
    throw error;
  }
}
