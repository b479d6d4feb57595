/** `strongroom workload …` */
import { StrongroomError } from '../../../errors.ts';
import { findNamed } from '../../api/named.ts';
import { collectPages } from '../../api/pages.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { usageError } from '../../input/usage.ts';
import { labels } from '../../input/values.ts';
import type { Label } from '../../input/values.ts';
import { formatTime, formatWord } from '../../output/format.ts';
import { factLines, tableLines } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import type { Session } from '../../session.ts';
import { confirmed, present, printList, subject, withLimit, withSubject } from '../shared.ts';
import type { ListOptions } from '../shared.ts';
import {
  createWorkload,
  deleteWorkload,
  listWorkloads,
  showWorkload,
  updateWorkload,
  workloadNames,
} from './documents.ts';
import type { Workload, WorkloadRow } from './documents.ts';

interface SubjectOptions {
  readonly id?: string;
}

interface WorkloadOptions {
  readonly description?: string;
  readonly label?: readonly Label[];
}

const labelText = (all: readonly Label[]): string =>
  all.map(({ key, value }) => `${printable(key)}=${printable(value)}`).join(', ');

function print(session: Session, workload: Workload): undefined {
  session.output.result(workload, () => [
    ...factLines([
      ['Name', session.output.style.strong(printable(workload.name))],
      ['Id', workload.id],
      ['Description', printable(workload.description)],
      ['Labels', labelText(workload.labels)],
      ['Created', formatTime(workload.createdAt, session.now())],
    ]),
    '',
    ...(workload.sources.length === 0
      ? [`It has no sources yet: strongroom source add --help`]
      : tableLines(workload.sources, [
          { title: 'SOURCE', cell: ({ name }) => printable(name) },
          { title: 'CONTENT', cell: ({ content }) => formatWord(content) },
          { title: 'PLUGIN', cell: ({ plugin }) => printable(plugin) },
        ])),
  ]);
  return undefined;
}

async function create(session: Session, name: string, options: WorkloadOptions): Promise<undefined> {
  const api = await session.api();
  const input = present({ name, description: options.description, labels: options.label });
  return print(session, (await api.run(createWorkload, { input })).workload);
}

async function list(session: Session, { limit }: ListOptions): Promise<undefined> {
  const listed = await collectPages(await session.api(), listWorkloads, {}, limit);
  const columns = [
    { title: 'NAME', cell: ({ name }: WorkloadRow) => printable(name) },
    {
      title: 'SOURCES',
      cell: ({ sources }: WorkloadRow) => sources.map(({ name }) => printable(name)).join(', ') || '-',
    },
    { title: 'LABELS', cell: (workload: WorkloadRow) => labelText(workload.labels) || '-' },
    { title: 'ID', cell: ({ id }: WorkloadRow) => id },
  ];
  printList(session, listed, columns, 'There are no workloads yet: strongroom workload create --help');
  return undefined;
}

async function show(session: Session, argument: string | undefined, options: SubjectOptions): Promise<undefined> {
  const api = await session.api();
  const { id } = await findNamed(api, workloadNames, subject(argument, options, 'workload'));
  const { found } = await api.run(showWorkload, { id });
  if (found === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'workload', id });
  return print(session, found);
}

async function update(
  session: Session,
  argument: string | undefined,
  options: SubjectOptions & WorkloadOptions & { readonly name?: string },
): Promise<undefined> {
  const api = await session.api();
  const { id } = await findNamed(api, workloadNames, subject(argument, options, 'workload'));
  const changes = present({ name: options.name, description: options.description, labels: options.label });
  if (Object.keys(changes).length === 0)
    throw usageError('update', 'say what to change: --name, --description or --label.');
  return print(session, (await api.run(updateWorkload, { input: { id, ...changes } })).workload);
}

async function remove(
  session: Session,
  argument: string | undefined,
  options: SubjectOptions & { readonly yes?: boolean },
): Promise<undefined> {
  const api = await session.api();
  const { id, name } = await findNamed(api, workloadNames, subject(argument, options, 'workload'));
  if (!(await confirmed(session, options, `Delete the workload ${name} and its sources?`))) return undefined;
  await api.run(deleteWorkload, { id });
  session.output.result({ id }, () => [`Deleted ${printable(name)}.`]);
  return undefined;
}

export function addWorkloadCommands(program: StrongroomCommand, action: MakeAction): void {
  const group = program
    .command('workload')
    .description('Manage workloads: applications with their databases, files and configuration.')
    .example('strongroom workload create shop', 'Make a workload');
  const described = (command: StrongroomCommand): StrongroomCommand =>
    command
      .option('-d, --description <text>', 'what it is, for people')
      .option('-l, --label <key=value>', 'label; may be given several times', labels);
  described(
    group
      .command('create')
      .description('Creates a workload; add its parts with "source add".')
      .argument('<name>', 'its name'),
  )
    .example('strongroom workload create shop --description "The web shop" --label team=sales', 'Make a workload')
    .action(action(create));
  withLimit(group.command('list').description('Lists workloads.'))
    .example('strongroom workload list', 'See all workloads')
    .action(action(list));
  withSubject(group.command('show').description('Shows a workload and its sources.'), 'workload')
    .example('strongroom workload show shop', 'See what belongs to a workload')
    .action(action(show));
  described(
    withSubject(group.command('update').description('Changes a workload.'), 'workload').option(
      '-n, --name <name>',
      'new name',
    ),
  )
    .example('strongroom workload update shop --name store', 'Give it another name')
    .action(action(update));
  withSubject(group.command('delete').description('Deletes a workload without backups, and its sources.'), 'workload')
    .option('-y, --yes', 'do not ask')
    .example('strongroom workload delete shop --yes', 'Delete it without being asked')
    .action(action(remove));
}
