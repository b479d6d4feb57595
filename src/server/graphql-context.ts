/** What resolvers need, from the parts of the service. */
import type { GraphQLContext } from '../graphql/context.ts';
import type { ErrorPresentation } from '../graphql/present-error.ts';
import { createIds } from '../services/ids.ts';
import type { Assembly } from './assemble.ts';
import { createDownloadLinks, type SignedLinks } from './download-links.ts';

export interface GraphQLSurroundings {
  readonly context: Omit<GraphQLContext, 'viewer'>;
  readonly presentation: ErrorPresentation;
  readonly links: SignedLinks;
}

export interface GraphQLSurroundingsOptions {
  /** Where users reach the service, without a slash at the end. */
  baseUrl(): string;
  /** Aborted when the service stops. */
  readonly stopping: AbortSignal;
}

/** What download links are signed for, for the key derived of the instance's. */
const linkPurpose = 'download links';

export function surroundingsOf(assembly: Assembly, options: GraphQLSurroundingsOptions): GraphQLSurroundings {
  const { catalogue, services, clock, sealing, config, log } = assembly;
  const links = createDownloadLinks(sealing.deriveKey(linkPurpose), options.baseUrl, clock);
  return {
    links,
    presentation: {
      reference: createIds(clock),
      log: (reference, error) => log.error('An operation met a defect', { reference, error }),
    },
    context: {
      prisma: catalogue.prisma,
      services,
      clock,
      downloads: links,
      stopping: options.stopping,
      server: { version: assembly.version, startedAt: clock.now(), roots: config.roots },
    },
  };
}
