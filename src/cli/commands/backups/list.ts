/** `strongroom backup list` and `strongroom backup show` */
import { findNamed } from '../../api/named.ts';
import { collectPages } from '../../api/pages.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { constant } from '../../input/values.ts';
import type { Session } from '../../session.ts';
import { repositoryNames } from '../repositories/documents.ts';
import { present, printList, subject, withLimit, withSubject } from '../shared.ts';
import type { ListOptions } from '../shared.ts';
import { workloadNames } from '../workloads/documents.ts';
import { backupTypes, listBackups, runStatuses } from './documents.ts';
import { backupDetails, findBackup } from './find.ts';
import { backupColumns, backupLines } from './text.ts';

interface FilterOptions extends ListOptions {
  readonly workload?: string;
  readonly repository?: string;
  readonly type?: (typeof backupTypes)[number];
  readonly status?: (typeof runStatuses)[number];
}

async function list(session: Session, options: FilterOptions): Promise<undefined> {
  const api = await session.api();
  const { workload, repository, type, status } = options;
  const filter = present({
    workloadId: workload === undefined ? undefined : (await findNamed(api, workloadNames, workload)).id,
    repositoryId: repository === undefined ? undefined : (await findNamed(api, repositoryNames, repository)).id,
    type: type === undefined ? undefined : [type],
    status: status === undefined ? undefined : [status],
  });
  const listed = await collectPages(api, listBackups, { filter }, options.limit);
  printList(session, listed, backupColumns(session.output.style, session.now()), 'There are no such backups.');
  return undefined;
}

async function show(
  session: Session,
  argument: string | undefined,
  options: { readonly id?: string },
): Promise<undefined> {
  const api = await session.api();
  const { id } = await findBackup(api, subject(argument, options, 'backup'));
  const backup = await backupDetails(api, id);
  session.output.result(backup, () => backupLines(backup, session.output.style, session.now()));
  return undefined;
}

export function addBackupList(group: StrongroomCommand, action: MakeAction): void {
  withLimit(
    group
      .command('list')
      .description('Lists backups, the latest first.')
      .option('-w, --workload <workload>', 'only of this workload')
      .option('-r, --repository <repository>', 'only in this repository')
      .option('-t, --type <type>', 'only of this type', constant(backupTypes))
      .option('-s, --status <status>', 'only with this status', constant(runStatuses)),
  )
    .example('strongroom backup list --workload shop --status failed', 'See which backups of a workload failed')
    .example('strongroom backup list --json', 'List for a program')
    .action(action(list));
  withSubject(group.command('show').description('Shows all about a backup: sizes, sources, warnings.'), 'backup')
    .example('strongroom backup show latest', 'Show the latest backup')
    .action(action(show));
}
