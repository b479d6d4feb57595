/** Carries out restores. */
import { checkedRestore } from '../../services/restore-input.ts';
import { asJson } from '../../services/rows.ts';
import { restoreJob } from '../definitions.ts';
import type { RunSpec } from '../run-spec.ts';
import type { HandlerDeps } from './backup.ts';

const HOUR_MS = 3_600_000;

export const restoreSpec = ({ prisma, access }: HandlerDeps): RunSpec<'restore'> => ({
  job: restoreJob,
  operation: 'restore',
  async prepare(run) {
    const restore = await prisma.restore.findUniqueOrThrow({ where: { id: run.id } });
    return (await checkedRestore({ prisma, access }, restore)).engineInput;
  },
  statusOf: (result) => (result.warningCount > 0 ? 'PARTIAL' : 'SUCCEEDED'),
  async store(transaction, run, result, completedAt) {
    const { keepPreviousHours: hours } = await transaction.restore.findUniqueOrThrow({ where: { id: run.id } });
    const kept = result.previousKept && hours !== null;
    await transaction.restore.update({
      where: { id: run.id },
      data: {
        tables: asJson(result.tables),
        tablesRestored: result.tables.length,
        filesRestored: result.files,
        bytesRestored: result.bytes,
        warnings: asJson(result.warnings),
        warningCount: result.warningCount,
        ...(kept && { previousUntil: new Date(completedAt.getTime() + hours * HOUR_MS) }),
      },
    });
  },
});
