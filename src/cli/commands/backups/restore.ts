/** `strongroom backup restore` */
import { resolve } from 'node:path';
import type { ApiClient } from '../../api/client.ts';
import type { Named } from '../../api/named.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { exitCodeForStatus, exitCodes } from '../../exit-codes.ts';
import type { ExitCode } from '../../exit-codes.ts';
import { usageError } from '../../input/usage.ts';
import { choice, collect, hours } from '../../input/values.ts';
import type { Session } from '../../session.ts';
import { watchRun } from '../../watch.ts';
import {
  cancelRestore,
  conflictPolicies,
  previewRestore,
  restoreBackup,
  restoreProgress,
} from '../restores/documents.ts';
import { restoreDetails } from '../restores/index.ts';
import { previewLines } from '../restores/preview-text.ts';
import { restoreLines, targetText } from '../restores/text.ts';
import type { Source } from '../sources/documents.ts';
import { findSource } from '../sources/find.ts';
import { confirmed, present, subject, withSources, withSubject } from '../shared.ts';
import { findBackup } from './find.ts';

interface RestoreOptions {
  readonly id?: string;
  readonly preview?: boolean;
  readonly exactRows?: boolean;
  readonly to?: string;
  readonly database?: string;
  readonly schema?: string;
  readonly toSource?: string;
  readonly table?: readonly string[];
  readonly keepPrevious?: number;
  readonly yes?: boolean;
  readonly path?: readonly string[];
  readonly source?: readonly string[];
  readonly onConflict: (typeof conflictPolicies)[number];
  readonly note?: string;
  readonly wait: boolean;
  readonly progress?: boolean;
}

interface Target {
  readonly kind: 'IN_PLACE' | 'DIRECTORY' | 'DATABASE' | 'SCHEMA';
  readonly path: string | null;
  readonly database: string | null;
  readonly schema: string | null;
}

function targetOf({ to, database, schema }: RestoreOptions): Target {
  if ([to, database, schema].filter((place) => place !== undefined).length > 1)
    throw usageError('--to', 'a restore goes to a directory, a database or a schema, to one of them only.');
  const nowhere = { path: null, database: null, schema: null };
  if (to !== undefined) return { ...nowhere, kind: 'DIRECTORY', path: resolve(to) };
  if (database !== undefined) return { ...nowhere, kind: 'DATABASE', database };
  return schema === undefined ? { ...nowhere, kind: 'IN_PLACE' } : { ...nowhere, kind: 'SCHEMA', schema };
}

async function preview(
  session: Session,
  api: ApiClient,
  input: object,
  { onConflict, exactRows = false }: RestoreOptions,
): Promise<ExitCode | undefined> {
  const { output } = session;
  const { preview: seen } = await api.run(previewRestore, { input, exactRows });
  output.result(seen, () => previewLines(seen, onConflict, output.style));
  return Number(seen.conflicts ?? 0) > 0 ? exitCodes.conflict : undefined;
}

async function follow(session: Session, id: string, options: RestoreOptions): Promise<ExitCode> {
  const api = await session.api();
  await watchRun(
    session,
    {
      what: 'restore',
      id,
      subscription: restoreProgress,
      cancel: () => api.run(cancelRestore, { id }),
      comeBack: `See it with: strongroom restore show ${id}`,
    },
    { jsonLines: options.progress === true },
  );
  const ended = await restoreDetails(api, id);
  const { output } = session;
  if (output.json && options.progress === true) output.jsonLine({ restore: ended });
  else output.result(ended, () => restoreLines(ended, output.style, session.now()));
  return exitCodeForStatus(ended.status);
}

async function start(
  session: Session,
  backup: Named,
  input: object,
  options: RestoreOptions,
): Promise<ExitCode | undefined> {
  const api = await session.api();
  const target = targetOf(options);
  const question = `Restore ${backup.name} in place? What is there now is ${options.onConflict === 'OVERWRITE' ? 'replaced' : 'kept'}.`;
  if (target.kind === 'IN_PLACE' && !(await confirmed(session, options, question))) return undefined;
  const { id } = (await api.run(restoreBackup, { input })).restore;
  if (options.wait) {
    session.output.note(`Restoring ${backup.name}: ${targetText(target)}`);
    return follow(session, id, options);
  }
  if (api.local) session.output.note('It is queued: the next server or worker that starts takes it up.');
  session.output.result({ id }, () => [id]);
  return undefined;
}

/** The source called `workload/source`, or by its id. */
function findServer(api: ApiClient, reference: string): Promise<Source> {
  const slash = reference.lastIndexOf('/');
  return slash < 0
    ? findSource(api, {}, reference)
    : findSource(api, { workload: reference.slice(0, slash) }, reference.slice(slash + 1));
}

async function restore(
  session: Session,
  argument: string | undefined,
  options: RestoreOptions,
): Promise<ExitCode | undefined> {
  const target = targetOf(options);
  const reference = subject(argument, options, 'backup');
  const api = await session.api();
  const backup = await findBackup(api, reference);
  const server = options.toSource === undefined ? {} : { sourceId: (await findServer(api, options.toSource)).id };
  const input = present({
    backupId: backup.id,
    target: { ...target, ...server },
    sources: options.source,
    paths: options.path,
    includeTables: options.table,
    keepPreviousHours: options.keepPrevious,
    conflictPolicy: options.onConflict,
    notes: options.note,
  });
  return options.preview === true ? preview(session, api, input, options) : start(session, backup, input, options);
}

export function addBackupRestore(group: StrongroomCommand, action: MakeAction): void {
  withSources(
    withSubject(
      group
        .command('restore')
        .description('Restores a backup, or a part of it: in place, into a directory or another database.'),
      'backup',
    )
      .option('--preview', 'show what would be done, and change nothing')
      .option('--exact-rows', 'with --preview: count the rows that are there now instead of estimating them')
      .option('--to <directory>', 'restore as plain files below this directory, on the machine of the service')
      .option('--database <name>', 'restore into this database')
      .option(
        '--to-source <source>',
        'with --database or --schema: on the server of this source, an id or workload/source',
      )
      .option('--schema <name>', 'restore the tables into this schema of their database')
      .option('--table <pattern>', 'only tables like this; may be given several times', collect)
      .option(
        '--keep-previous <time>',
        'keep databases that are replaced so long: 12h, 7d; they can be reverted to',
        hours,
      )
      .option('-p, --path <path>', 'only this path and what is below it; may be given several times', collect)
      .addOption(
        choice(
          '--on-conflict <policy>',
          'where something is already: fail, overwrite or skip',
          conflictPolicies,
          'FAIL',
        ),
      )
      .option('-y, --yes', 'restore in place without being asked')
      .option('--note <text>', 'note for people')
      .option('--no-wait', 'print the id of the restore and return at once')
      .option('--progress', 'with --json: print progress as JSON lines, then the result in one line'),
  )
    .example(
      'strongroom backup restore latest --preview',
      'See what a restore in place would change; exit code 5 if something is in the way',
    )
    .example('strongroom backup restore latest --to /srv/restored', 'Restore into a folder')
    .example(
      'strongroom backup restore nightly --path /files/uploads/2024 --on-conflict overwrite --yes',
      'Put one folder back',
    )
    .example(
      'strongroom backup restore nightly --source orders --database orders_copy',
      'Restore a database beside the old one',
    )
    .example(
      'strongroom backup restore latest --table public.orders --keep-previous 24h --on-conflict overwrite',
      'Put one table back, and be able to undo it for a day',
    )
    .action(action(restore));
}
