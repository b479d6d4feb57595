/** From a backup to its snapshot in an opened repository. */
import type { Backup, PrismaClient } from '../catalogue/generated/prisma/client.ts';
import type { RepositoryAccess } from '../engine/operations.ts';
import { StrongroomError } from '../errors.ts';
import type { Access } from './access.ts';
import { existing } from './rows.ts';

export interface SnapshotPlace {
  readonly backup: Backup;
  readonly repository: RepositoryAccess;
  readonly snapshotId: string;
}

/** Throws `OBJECT_NOT_FOUND`, or `STATE_CONFLICT` for a backup that has no snapshot. */
export async function snapshotOf(
  { prisma, access }: { readonly prisma: PrismaClient; readonly access: Access },
  backupId: string,
): Promise<SnapshotPlace> {
  const found = await existing('backup', backupId, (id) =>
    prisma.backup.findUnique({ where: { id }, include: { repository: true } }),
  );
  const { repository, ...backup } = found;
  if (backup.snapshotId === null) {
    const state = backup.status.toLowerCase();
    throw new StrongroomError('STATE_CONFLICT', { type: 'backup', id: backupId, state, reason: 'it has no snapshot' });
  }
  return { backup, repository: access.repository(repository), snapshotId: backup.snapshotId };
}
