/** Carries out backups. */
import type { Backup, PrismaClient } from '../../catalogue/generated/prisma/client.ts';
import type { Access } from '../../services/access.ts';
import { sourcesOfType } from '../../services/backup-sources.ts';
import { asJson } from '../../services/rows.ts';
import { backupJob } from '../definitions.ts';
import type { RunSpec } from '../run-spec.ts';

export interface HandlerDeps {
  readonly prisma: PrismaClient;
  readonly access: Access;
}

const dayMs = 24 * 3600 * 1000;

export const backupSpec = ({ prisma, access }: HandlerDeps): RunSpec<'backup'> => ({
  job: backupJob,
  operation: 'backup',
  async prepare(run) {
    const backup = await prisma.backup.findUniqueOrThrow({
      where: { id: run.id },
      include: { repository: true, workload: { include: { sources: { orderBy: { name: 'asc' } } } } },
    });
    const chosen = sourcesOfType(backup.workload.sources, backup.type, backup.selectedSources);
    const parent = await parentOf(prisma, backup);
    await prisma.backup.update({ where: { id: run.id }, data: { parentId: parent?.id ?? null } });
    return {
      repository: access.repository(backup.repository),
      backupId: backup.id,
      type: backup.type,
      workload: backup.workload.name,
      sources: chosen.map((source) => access.source(source)),
      selection: {
        ...(backup.includeTables.length > 0 && { includeTables: backup.includeTables }),
        ...(backup.excludeTables.length > 0 && { excludeTables: backup.excludeTables }),
        ...(backup.excludeTableData.length > 0 && { excludeTableData: backup.excludeTableData }),
      },
      ...(parent !== undefined && { parent: parent.snapshotId }),
      resume: run.attempt > 1,
      startedAt: run.startedAt.toISOString(),
    };
  },
  statusOf: (result) => (result.warningCount > 0 ? 'PARTIAL' : 'SUCCEEDED'),
  async store(transaction, run, result, completedAt) {
    const { retentionDays } = await transaction.backup.findUniqueOrThrow({ where: { id: run.id } });
    await transaction.backup.update({
      where: { id: run.id },
      data: {
        snapshotId: result.snapshotId,
        checksum: result.checksum,
        sources: asJson(result.sources),
        tables: result.sources.reduce((sum, source) => sum + source.tables.length, 0),
        files: result.files,
        unchangedFiles: result.unchangedFiles,
        logicalBytes: result.logicalBytes,
        readBytes: result.readBytes,
        addedBytes: result.addedBytes,
        storedBytes: result.storedBytes,
        warnings: asJson(result.warnings),
        warningCount: result.warningCount,
        expiresAt: retentionDays === null ? null : new Date(completedAt.getTime() + retentionDays * dayMs),
      },
    });
  },
});

/**
 * What an incremental backup compares with: the latest one of the workload in the repository. Without one it reads
 * everything. A later attempt keeps the choice of the first.
 */
async function parentOf(
  prisma: PrismaClient,
  backup: Backup,
): Promise<{ readonly id: string; readonly snapshotId: string } | undefined> {
  if (backup.type !== 'INCREMENTAL') return undefined;
  const found = await prisma.backup.findFirst({
    where: {
      ...(backup.parentId === null
        ? { workloadId: backup.workloadId, repositoryId: backup.repositoryId, status: { in: ['SUCCEEDED', 'PARTIAL'] } }
        : { id: backup.parentId }),
      snapshotId: { not: null },
      NOT: { id: backup.id },
    },
    orderBy: [{ completedAt: 'desc' }, { id: 'desc' }],
  });
  return found === null || found.snapshotId === null ? undefined : { id: found.id, snapshotId: found.snapshotId };
}
