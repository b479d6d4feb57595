/** Deletes a backup: first its snapshot, then its row. */
import type { Backup } from '../catalogue/generated/prisma/client.ts';
import type { CatalogueTransaction } from '../catalogue/client.ts';
import { StrongroomError } from '../errors.ts';
import { hasEnded, openStatuses } from '../jobs/run-rows.ts';
import type { Actor, Changed } from './actor.ts';
import { recordChange } from './changes.ts';
import type { ServiceParts } from './deps.ts';
import { existing, signalled } from './rows.ts';

type Parts = Pick<ServiceParts, 'prisma' | 'engine' | 'access'>;

/** See `Backups.delete`. */
export async function deleteBackup(parts: Parts, actor: Actor, id: string, signal?: AbortSignal): Promise<Changed> {
  const { prisma, engine, access } = parts;
  const { repository, ...before } = await existing('backup', id, (found) =>
    prisma.backup.findUnique({ where: { id: found }, include: { repository: true } }),
  );
  // From here on nobody restores, verifies or compares with it.
  await prisma.$transaction(async (transaction) => {
    await transaction.$queryRaw`SELECT 1 FROM backup WHERE id = ${id}::uuid FOR UPDATE`;
    await refuseWhileUsed(transaction, id);
    await transaction.backup.updateMany({ where: { id }, data: { snapshotId: null } });
  });
  // A run that was stopped late may have left a snapshot that its row does not know; it has the backup's id.
  if (before.attempts > 0) {
    try {
      const input = { repository: access.repository(repository), snapshotId: before.snapshotId ?? id };
      await engine.run('deleteSnapshot', input, signalled(signal));
    } catch (error) {
      await prisma.backup.updateMany({ where: { id }, data: { snapshotId: before.snapshotId } });
      throw error;
    }
  }
  await prisma.$transaction(async (transaction) => {
    const { count } = await transaction.backup.deleteMany({ where: { id } });
    if (count > 0) await recordChange(transaction, actor, deletion(before));
  });
  return { id };
}

async function refuseWhileUsed(transaction: CatalogueTransaction, id: string): Promise<void> {
  const open = { status: { in: openStatuses } };
  const row = await transaction.backup.findUnique({ where: { id }, select: { status: true } });
  const refuse = (state: string, reason: string): never => {
    throw new StrongroomError('STATE_CONFLICT', { type: 'backup', id, state, reason });
  };
  if (row !== null && !hasEnded(row.status)) refuse(row.status.toLowerCase(), 'cancel it first');
  if ((await transaction.restore.count({ where: { backupId: id, ...open } })) > 0)
    refuse('in use', 'a restore of it is under way');
  if ((await transaction.verification.count({ where: { backupId: id, ...open } })) > 0) {
    refuse('in use', 'a verification of it is under way');
  }
  if ((await transaction.backup.count({ where: { parentId: id, ...open } })) > 0) {
    refuse('in use', 'a backup that is under way compares with it');
  }
}

const deletion = ({ id, name, type, status, snapshotId, workloadId, repositoryId }: Backup) => ({
  type: 'backup.deleted',
  summary: `Backup ${name} is deleted.`,
  subject: { type: 'Backup', id },
  before: { name, type, status, snapshotId, workloadId, repositoryId },
});
