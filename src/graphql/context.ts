/** What every resolver works with. */
import type { PrismaClient } from '../catalogue/generated/prisma/client.ts';
import type { Clock } from '../clock.ts';
import type { Actor, Services } from '../services/index.ts';

/** Facts about the running service that the API shows. */
export interface ServerFacts {
  readonly version: string;
  readonly startedAt: Date;
  /** Folders that file sources and restores may lie in. */
  readonly roots: readonly string[];
}

/** A link to one file of a backup that needs no header. */
export interface DownloadLink {
  readonly url: string;
  readonly expiresAt: Date;
}

/** Makes download links; the server checks them. */
export interface DownloadLinks {
  /** A short-lived link to the file at `path` (as text) of a backup. */
  create(file: { readonly backupId: string; readonly path: string }): DownloadLink;
}

/** Whoever sent the request. */
export interface Viewer {
  /** UUID of the token's row; absent for work in the service's own process, which needs no token. */
  readonly tokenId?: string;
  readonly actor: Actor;
}

export interface GraphQLContext {
  readonly prisma: PrismaClient;
  readonly services: Services;
  readonly clock: Clock;
  readonly server: ServerFacts;
  readonly downloads: DownloadLinks;
  /** Aborted when the service stops: subscriptions then end. */
  readonly stopping: AbortSignal;
  /** Absent when there was no token or it is not valid. */
  readonly viewer?: Viewer;
}
