/** What the product does, for the API and whoever else asks. */
import type { ChangeFeed } from '../catalogue/change-feed.ts';
import type { Catalogue } from '../catalogue/client.ts';
import type { Sealing } from '../catalogue/sealing.ts';
import { createRunFeed } from '../jobs/run-feed.ts';
import { createAccess, type SealedSecrets } from './access.ts';
import { type Backups, createBackups } from './backups.ts';
import { type Browse, createBrowse } from './browse.ts';
import type { ServiceParts } from './deps.ts';
import { createIds, type Ids } from './ids.ts';
import { createPluginCatalogue, type PluginCatalogue } from './plugin-catalogue.ts';
import { createPreviews, type Previews } from './previews.ts';
import { createRunWatch, type RunWatch } from './progress.ts';
import { createRepositories, type Repositories } from './repositories.ts';
import { createRestores, type Restores } from './restores.ts';
import { createSources, type Sources } from './sources.ts';
import { createVerifications, type Verifications } from './verifications.ts';
import { createWorkers, type Workers } from './workers.ts';
import { createWorkloads, type Workloads } from './workloads.ts';

export type { Actor, Changed, Label } from './actor.ts';
export { actorName } from './actor.ts';

export interface Services {
  readonly workloads: Workloads;
  readonly sources: Sources;
  readonly repositories: Repositories;
  readonly backups: Backups;
  readonly restores: Restores;
  readonly verifications: Verifications;
  readonly previews: Previews;
  readonly browse: Browse;
  readonly plugins: PluginCatalogue;
  readonly workers: Workers;
  readonly progress: RunWatch;
  /** The names of the fields that are sealed in a configuration; never their values. */
  secretNames(secrets: SealedSecrets): readonly string[];
}

export interface ServiceDeps extends Pick<ServiceParts, 'queue' | 'engine' | 'plugins' | 'host' | 'clock'> {
  readonly catalogue: Catalogue;
  readonly sealing: Sealing;
  readonly feed: ChangeFeed;
  /** Made of the clock and chance when absent. */
  readonly ids?: Ids;
}

/** Everything the product does. Owns nothing: what it is given outlives it. */
export function createServices(deps: ServiceDeps): Services {
  const access = createAccess(deps.sealing);
  const parts: ServiceParts = {
    prisma: deps.catalogue.prisma,
    queue: deps.queue,
    engine: deps.engine,
    plugins: deps.plugins,
    host: deps.host,
    clock: deps.clock,
    feed: createRunFeed(deps.feed),
    ids: deps.ids ?? createIds(deps.clock),
    access,
  };
  return {
    workloads: createWorkloads(parts),
    sources: createSources(parts),
    repositories: createRepositories(parts),
    backups: createBackups(parts),
    restores: createRestores(parts),
    verifications: createVerifications(parts),
    previews: createPreviews(parts),
    browse: createBrowse(parts),
    plugins: createPluginCatalogue(parts),
    workers: createWorkers(parts),
    progress: createRunWatch(parts),
    secretNames: access.secretNames,
  };
}
