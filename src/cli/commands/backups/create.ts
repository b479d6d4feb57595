/** `strongroom backup create` */
import { findNamedOrOnly } from '../../api/named.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { choice, collect, days, labels } from '../../input/values.ts';
import type { Label } from '../../input/values.ts';
import type { ExitCode } from '../../exit-codes.ts';
import type { Session } from '../../session.ts';
import { repositoryNames } from '../repositories/documents.ts';
import { present, withSources } from '../shared.ts';
import { workloadNames } from '../workloads/documents.ts';
import { backupTypes, createBackup } from './documents.ts';
import { backupDetails } from './find.ts';
import { followBackup } from './run.ts';

interface CreateOptions {
  readonly workload?: string;
  readonly repository?: string;
  readonly type: (typeof backupTypes)[number];
  readonly source?: readonly string[];
  readonly includeTable?: readonly string[];
  readonly excludeTable?: readonly string[];
  readonly excludeTableData?: readonly string[];
  readonly name?: string;
  readonly label?: readonly Label[];
  readonly retention?: number;
  readonly pin?: boolean;
  readonly note?: string;
  readonly wait: boolean;
  readonly progress?: boolean;
}

async function create(session: Session, options: CreateOptions): Promise<ExitCode | undefined> {
  const api = await session.api();
  const workload = await findNamedOrOnly(api, workloadNames, options.workload);
  const repository = await findNamedOrOnly(api, repositoryNames, options.repository);
  const input = present({
    workloadId: workload.id,
    repositoryId: repository.id,
    type: options.type,
    name: options.name,
    sources: options.source,
    includeTables: options.includeTable,
    excludeTables: options.excludeTable,
    excludeTableData: options.excludeTableData,
    retentionDays: options.retention,
    pinned: options.pin,
    notes: options.note,
    labels: options.label,
  });
  const { backup } = await api.run(createBackup, { input });
  if (options.wait) {
    session.output.note(`Backing up ${workload.name} into ${repository.name}: ${backup.name}`);
    return followBackup(session, backup.id, options);
  }
  if (api.local) session.output.note('It is queued: the next server or worker that starts takes it up.');
  const queued = await backupDetails(api, backup.id);
  session.output.result(queued, () => [backup.id]);
  return undefined;
}

export function addBackupCreate(group: StrongroomCommand, action: MakeAction): void {
  withSources(
    group
      .command('create')
      .description('Backs up a workload into a repository, and waits for it.')
      .option('-w, --workload <workload>', 'what to back up; not needed when there is only one')
      .option('-r, --repository <repository>', 'where to keep it; not needed when there is only one')
      .addOption(
        choice('-t, --type <type>', 'full, database, files, configuration or incremental', backupTypes, 'FULL'),
      )
      .option('--include-table <pattern>', 'only tables like this; may be given several times', collect)
      .option('--exclude-table <pattern>', 'no tables like this; may be given several times', collect)
      .option(
        '--exclude-table-data <pattern>',
        'tables like this without their rows; may be given several times',
        collect,
      )
      .option('-n, --name <name>', 'name of the backup; made of workload, type and time otherwise')
      .option('-l, --label <key=value>', 'label; may be given several times', labels)
      .option('--retention <time>', 'keep it so long: 30d, 4w, 6m, 1y; until deleted otherwise', days)
      .option('--pin', 'never let it expire')
      .option('--note <text>', 'note for people')
      .option('--no-wait', 'print its id and return at once')
      .option('--progress', 'with --json: print progress as JSON lines, then the result in one line'),
  )
    .example('strongroom backup create', 'Back up the only workload into the only repository')
    .example(
      'strongroom backup create --workload shop --repository vault --type incremental',
      'Read only what has changed',
    )
    .example(
      'strongroom backup create -w shop --type database --exclude-table "public.session*" --retention 30d',
      'Back up the databases only',
    )
    .example('strongroom backup create --json --progress', 'Watch from a program')
    .action(action(create));
}
