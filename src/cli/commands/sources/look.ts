/** `strongroom source list | test | discover` */
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { formatBytes, formatCount, formatWord } from '../../output/format.ts';
import { printable } from '../../output/text.ts';
import type { Session } from '../../session.ts';
import { printList, subject, withSubject } from '../shared.ts';
import { discoverSource, testSource } from './documents.ts';
import type { DiscoveredItem, Source } from './documents.ts';
import { findSource, withWorkload, workloadSources } from './find.ts';
import type { WorkloadOption } from './find.ts';
import { settingLines } from './text.ts';

interface SubjectOptions extends WorkloadOption {
  readonly id?: string;
}

async function list(session: Session, options: WorkloadOption): Promise<undefined> {
  const { sources } = await workloadSources(await session.api(), options);
  const columns = [
    { title: 'NAME', cell: ({ name }: Source) => printable(name) },
    { title: 'CONTENT', cell: ({ content }: Source) => formatWord(content) },
    { title: 'PLUGIN', cell: ({ plugin }: Source) => printable(plugin) },
    { title: 'CONFIGURATION', cell: ({ configuration }: Source) => settingLines(configuration).join('  ') },
    { title: 'ID', cell: ({ id }: Source) => id },
  ];
  printList(
    session,
    { nodes: sources, totalCount: sources.length },
    columns,
    'It has no sources yet: strongroom source add --help',
  );
  return undefined;
}

async function test(session: Session, argument: string | undefined, options: SubjectOptions): Promise<undefined> {
  const api = await session.api();
  const { id, name } = await findSource(api, options, subject(argument, options, 'source'));
  await api.run(testSource, { id });
  session.output.result({ id, reachable: true }, () => [`${printable(name)} can be reached and read.`]);
  return undefined;
}

async function discover(session: Session, argument: string | undefined, options: SubjectOptions): Promise<undefined> {
  const api = await session.api();
  const { id } = await findSource(api, options, subject(argument, options, 'source'));
  const { items } = (await api.run(discoverSource, { id })).found;
  const columns = [
    { title: 'KIND', cell: ({ kind }: DiscoveredItem) => formatWord(kind) },
    { title: 'NAME', cell: ({ name }: DiscoveredItem) => printable(name) },
    { title: 'ROWS', align: 'right' as const, cell: ({ rows }: DiscoveredItem) => formatCount(rows) },
    { title: 'SIZE', align: 'right' as const, cell: ({ bytes }: DiscoveredItem) => formatBytes(bytes) },
  ];
  printList(session, { nodes: items, totalCount: items.length }, columns, 'There is nothing in it.');
  return undefined;
}

export function addSourceLooks(group: StrongroomCommand, action: MakeAction): void {
  withWorkload(group.command('list').description('Lists the sources of a workload.'))
    .example('strongroom source list --workload shop', 'See what belongs to a workload')
    .action(action(list));
  withWorkload(
    withSubject(group.command('test').description('Proves that a source can be reached and read.'), 'source'),
  )
    .example('strongroom source test orders', 'Check a database before it is backed up')
    .action(action(test));
  withWorkload(
    withSubject(group.command('discover').description('Lists what a source holds: tables, folders.'), 'source'),
  )
    .example('strongroom source discover orders --workload shop', 'See the tables of a database')
    .action(action(discover));
}
