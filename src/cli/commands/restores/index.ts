/** `strongroom restore list | show | cancel | revert | discard` */
import type { ApiClient } from '../../api/client.ts';
import { unlessNoId } from '../../api/named.ts';
import { notFound } from '../../api/not-found.ts';
import { collectPages } from '../../api/pages.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import type { ExitCode } from '../../exit-codes.ts';
import { constant } from '../../input/values.ts';
import type { Session } from '../../session.ts';
import { runStatuses } from '../backups/documents.ts';
import { findBackup } from '../backups/find.ts';
import { confirmed, present, printList, subject, withLimit } from '../shared.ts';
import type { ListOptions } from '../shared.ts';
import { cancelRestore, discardPrevious, listRestores, revertRestore, showRestore } from './documents.ts';
import type { RestoreDetails } from './documents.ts';
import { restoreColumns, restoreLines } from './text.ts';

/** All about the restore with that id; rejects with `OBJECT_NOT_FOUND`. */
export async function restoreDetails(api: ApiClient, id: string): Promise<RestoreDetails> {
  const found = await unlessNoId(async () => (await api.run(showRestore, { id })).found);
  if (found === null) throw notFound('restore', id, []);
  return found;
}

interface FilterOptions extends ListOptions {
  readonly backup?: string;
  readonly status?: (typeof runStatuses)[number];
}

async function list(session: Session, { backup, status, limit }: FilterOptions): Promise<undefined> {
  const api = await session.api();
  const filter = present({
    backupId: backup === undefined ? undefined : (await findBackup(api, backup)).id,
    status: status === undefined ? undefined : [status],
  });
  const listed = await collectPages(api, listRestores, { filter }, limit);
  printList(session, listed, restoreColumns(session.output.style, session.now()), 'There are no such restores.');
  return undefined;
}

async function show(
  session: Session,
  argument: string | undefined,
  options: { readonly id?: string },
): Promise<undefined> {
  const restore = await restoreDetails(await session.api(), subject(argument, options, 'restore'));
  session.output.result(restore, () => restoreLines(restore, session.output.style, session.now()));
  return undefined;
}

async function cancel(
  session: Session,
  argument: string | undefined,
  options: { readonly id?: string },
): Promise<undefined> {
  const api = await session.api();
  const { id } = await restoreDetails(api, subject(argument, options, 'restore'));
  await api.run(cancelRestore, { id });
  session.output.result({ id }, () => ['Cancelling the restore.']);
  return undefined;
}

interface SwapOptions {
  readonly id?: string;
  readonly yes?: boolean;
}

/** Does something for good with what a restore has kept, after asking. */
const settle =
  (mutation: typeof revertRestore, question: (backup: string) => string, done: string) =>
  async (session: Session, argument: string | undefined, options: SwapOptions): Promise<ExitCode | undefined> => {
    const api = await session.api();
    const { id, backup } = await restoreDetails(api, subject(argument, options, 'restore'));
    if (!(await confirmed(session, options, question(backup.name)))) return undefined;
    await api.run(mutation, { id });
    session.output.result({ id }, () => [done]);
    return undefined;
  };

const revert = settle(
  revertRestore,
  (backup) => `Bring back what the restore of ${backup} replaced? What was written since is lost.`,
  'What was there before the restore is back.',
);
const discard = settle(
  discardPrevious,
  (backup) => `Drop what the restore of ${backup} replaced? It can't be brought back then.`,
  'What was there before the restore is dropped.',
);

export function addRestoreCommands(program: StrongroomCommand, action: MakeAction): void {
  const group = program
    .command('restore')
    .description('See, cancel and revert restores; "backup restore" starts them.')
    .example('strongroom restore list', 'See what was restored');
  withLimit(
    group
      .command('list')
      .description('Lists restores, the latest first.')
      .option('-b, --backup <backup>', 'only of this backup')
      .option('-s, --status <status>', 'only with this status', constant(runStatuses)),
  )
    .example('strongroom restore list --backup nightly', 'See the restores of one backup')
    .action(action(list));
  group
    .command('show')
    .description('Shows all about a restore.')
    .argument('[restore]', 'id of the restore')
    .option('--id <id>', 'the restore, as an option')
    .example('strongroom restore show UmVzdG9yZTox', 'Show a restore by its id')
    .action(action(show));
  group
    .command('cancel')
    .description('Cancels a restore that is queued or running.')
    .argument('[restore]', 'id of the restore')
    .option('--id <id>', 'the restore, as an option')
    .example('strongroom restore cancel UmVzdG9yZTox', 'Stop a restore')
    .action(action(cancel));
  group
    .command('revert')
    .description('Brings back the databases or tables that a restore has replaced and kept.')
    .argument('[restore]', 'id of the restore')
    .option('--id <id>', 'the restore, as an option')
    .option('-y, --yes', 'do not ask')
    .example('strongroom restore revert UmVzdG9yZTox', 'Undo a restore that was started with --keep-previous')
    .action(action(revert));
  group
    .command('discard')
    .description('Drops what a restore has replaced and kept, before its time.')
    .argument('[restore]', 'id of the restore')
    .option('--id <id>', 'the restore, as an option')
    .option('-y, --yes', 'do not ask')
    .example('strongroom restore discard UmVzdG9yZTox', 'Free the space of what a restore has replaced')
    .action(action(discard));
}
