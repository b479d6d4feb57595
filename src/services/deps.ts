/** What services are made of. */
import type { PrismaClient } from '../catalogue/generated/prisma/client.ts';
import type { Clock } from '../clock.ts';
import type { PluginHost } from '../contracts/index.ts';
import type { Engine } from '../engine/operations.ts';
import type { Queue } from '../jobs/queue.ts';
import type { RunFeed } from '../jobs/run-feed.ts';
import type { PluginRegistry } from '../plugins.ts';
import type { Access } from './access.ts';
import type { Ids } from './ids.ts';

/** Each service takes the part of these that it needs. */
export interface ServiceParts {
  readonly prisma: PrismaClient;
  readonly queue: Queue;
  readonly engine: Engine;
  readonly plugins: PluginRegistry;
  /** Says which paths restores may write to. */
  readonly host: PluginHost;
  readonly access: Access;
  readonly feed: RunFeed;
  readonly clock: Clock;
  readonly ids: Ids;
}
