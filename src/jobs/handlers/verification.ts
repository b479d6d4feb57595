/** Carries out verifications. One that finds damage has done its work: it succeeds, and its verdict is not `sound`. */
import { snapshotOf } from '../../services/snapshots.ts';
import { asJson } from '../../services/rows.ts';
import { verificationJob } from '../definitions.ts';
import type { RunSpec } from '../run-spec.ts';
import type { HandlerDeps } from './backup.ts';

export const verificationSpec = ({ prisma, access }: HandlerDeps): RunSpec<'verify'> => ({
  job: verificationJob,
  operation: 'verify',
  async prepare(run) {
    const { backupId } = await prisma.verification.findUniqueOrThrow({ where: { id: run.id } });
    const { repository, snapshotId } = await snapshotOf({ prisma, access }, backupId);
    return { repository, snapshotId };
  },
  statusOf: () => 'SUCCEEDED',
  async store(transaction, run, result, completedAt) {
    const { backupId, level } = await transaction.verification.update({
      where: { id: run.id },
      data: {
        sound: result.sound,
        objectsRead: result.objectsRead,
        bytesRead: result.bytesRead,
        damage: asJson(result.damage),
      },
    });
    await transaction.backup.update({
      where: { id: backupId },
      data: { verified: result.sound, verifiedAt: completedAt, verifiedLevel: level },
    });
  },
});
