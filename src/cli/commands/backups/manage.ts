/** `strongroom backup update`, `retry`, `cancel`, `delete` */
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import type { ExitCode } from '../../exit-codes.ts';
import { usageError } from '../../input/usage.ts';
import { labels } from '../../input/values.ts';
import type { Label } from '../../input/values.ts';
import type { Session } from '../../session.ts';
import { confirmed, present, subject, withSubject } from '../shared.ts';
import { cancelBackup, deleteBackup, retryBackup, updateBackup } from './documents.ts';
import { backupDetails, findBackup } from './find.ts';
import { followBackup } from './run.ts';
import { backupLines } from './text.ts';

interface SubjectOptions {
  readonly id?: string;
}

interface UpdateOptions extends SubjectOptions {
  readonly name?: string;
  readonly note?: string;
  readonly label?: readonly Label[];
  readonly pin?: boolean;
}

async function update(session: Session, argument: string | undefined, options: UpdateOptions): Promise<undefined> {
  const api = await session.api();
  const { id } = await findBackup(api, subject(argument, options, 'backup'));
  const changes = present({ name: options.name, notes: options.note, labels: options.label, pinned: options.pin });
  if (Object.keys(changes).length === 0)
    throw usageError('update', 'say what to change: --name, --note, --label, --pin or --no-pin.');
  await api.run(updateBackup, { input: { id, ...changes } });
  const backup = await backupDetails(api, id);
  session.output.result(backup, () => backupLines(backup, session.output.style, session.now()));
  return undefined;
}

async function retry(
  session: Session,
  argument: string | undefined,
  options: SubjectOptions & { readonly wait: boolean; readonly progress?: boolean },
): Promise<ExitCode | undefined> {
  const api = await session.api();
  const { id } = await findBackup(api, subject(argument, options, 'backup'));
  await api.run(retryBackup, { id });
  if (options.wait) return followBackup(session, id, options);
  const backup = await backupDetails(api, id);
  session.output.result(backup, () => [id]);
  return undefined;
}

async function cancel(session: Session, argument: string | undefined, options: SubjectOptions): Promise<undefined> {
  const api = await session.api();
  const { id, name } = await findBackup(api, subject(argument, options, 'backup'));
  await api.run(cancelBackup, { id });
  session.output.result({ id }, () => [`Cancelling ${name}.`]);
  return undefined;
}

async function remove(
  session: Session,
  argument: string | undefined,
  options: SubjectOptions & { readonly yes?: boolean },
): Promise<ExitCode | undefined> {
  const api = await session.api();
  const { id, name } = await findBackup(api, subject(argument, options, 'backup'));
  if (!(await confirmed(session, options, `Delete the backup ${name} for good?`))) return undefined;
  await api.run(deleteBackup, { id });
  session.output.result({ id }, () => [`Deleted ${name}.`]);
  return undefined;
}

export function addBackupManagement(group: StrongroomCommand, action: MakeAction): void {
  withSubject(
    group.command('update').description('Changes the name, the note or the labels of a backup, or pins it.'),
    'backup',
  )
    .option('-n, --name <name>', 'new name')
    .option('--note <text>', 'new note; empty clears it')
    .option('-l, --label <key=value>', 'all labels it shall have; may be given several times', labels)
    .option('--pin', 'never let it expire')
    .option('--no-pin', 'let it expire')
    .example('strongroom backup update latest --pin --note "before the migration"', 'Keep the latest backup for good')
    .action(action(update));
  withSubject(
    group.command('retry').description('Runs a failed or cancelled backup again; what it stored is used.'),
    'backup',
  )
    .option('--no-wait', 'return at once')
    .option('--progress', 'with --json: print progress as JSON lines, then the result in one line')
    .example('strongroom backup retry nightly', 'Run the backup named nightly again')
    .action(action(retry));
  withSubject(group.command('cancel').description('Cancels a backup that is queued or running.'), 'backup')
    .example('strongroom backup cancel nightly', 'Stop the backup named nightly')
    .action(action(cancel));
  withSubject(group.command('delete').description('Deletes a backup, with its restores and verifications.'), 'backup')
    .option('-y, --yes', 'do not ask')
    .example('strongroom backup delete nightly --yes', 'Delete the backup named nightly without being asked')
    .action(action(remove));
}
