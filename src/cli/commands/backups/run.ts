/** Waits for a backup and tells how it ended. */
import { exitCodeForStatus } from '../../exit-codes.ts';
import type { ExitCode } from '../../exit-codes.ts';
import type { Session } from '../../session.ts';
import { watchRun } from '../../watch.ts';
import { backupProgress, cancelBackup } from './documents.ts';
import { backupDetails } from './find.ts';
import { backupLines } from './text.ts';

/** Follows the backup to its end, prints it, and gives the exit code of its status. */
export async function followBackup(
  session: Session,
  id: string,
  options: { readonly progress?: boolean },
): Promise<ExitCode> {
  const api = await session.api();
  await watchRun(
    session,
    {
      what: 'backup',
      id,
      subscription: backupProgress,
      cancel: () => api.run(cancelBackup, { id }),
      comeBack: `See it with: strongroom backup show ${id}`,
    },
    { jsonLines: options.progress === true },
  );
  const backup = await backupDetails(api, id);
  const { output } = session;
  if (output.json && options.progress === true) output.jsonLine({ backup });
  else output.result(backup, () => backupLines(backup, output.style, session.now()));
  return exitCodeForStatus(backup.status);
}
