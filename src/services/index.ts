/** What the product does, for the API and whoever else asks. */
import type { Backups } from './backups.ts';
import type { Browse } from './browse.ts';
import type { PluginCatalogue } from './plugin-catalogue.ts';
import type { Previews } from './previews.ts';
import type { RunWatch } from './progress.ts';
import type { Repositories } from './repositories.ts';
import type { Restores } from './restores.ts';
import type { Sources } from './sources.ts';
import type { Verifications } from './verifications.ts';
import type { Workloads } from './workloads.ts';

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
  readonly progress: RunWatch;
}

export type { Actor, Changed, Label } from './actor.ts';
export { actorName } from './actor.ts';
