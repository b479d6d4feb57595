/** `strongroom event …` */
import { operation } from '../api/operation.ts';
import type { Page } from '../api/operation.ts';
import { collectPages } from '../api/pages.ts';
import type { PageVariables } from '../api/pages.ts';
import type { MakeAction, StrongroomCommand } from '../command.ts';
import { constant } from '../input/values.ts';
import { formatTime, formatWord } from '../output/format.ts';
import { printable } from '../output/text.ts';
import type { Session } from '../session.ts';
import { present, printList, withLimit } from './shared.ts';
import type { ListOptions } from './shared.ts';

const severities = ['INFO', 'WARNING', 'ERROR'] as const;

interface Event {
  readonly id: string;
  readonly type: string;
  readonly severity: string;
  readonly summary: string;
  readonly actor: string;
  readonly occurredAt: string;
}

export const listEvents = operation<{ readonly page: Page<Event> }, PageVariables & { readonly filter: object }>(`
  query ListEvents($filter: EventFilter, $first: Int, $after: String) {
    page: events(filter: $filter, first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor }
      edges { node { id type severity summary actor subjectType subjectId data occurredAt } }
    }
  }`);

interface FilterOptions extends ListOptions {
  readonly severity?: (typeof severities)[number];
  readonly type?: string;
}

async function list(session: Session, { severity, type, limit }: FilterOptions): Promise<undefined> {
  const filter = present({
    severity: severity === undefined ? undefined : [severity],
    type: type === undefined ? undefined : [type],
  });
  const listed = await collectPages(await session.api(), listEvents, { filter }, limit);
  const { style } = session.output;
  const paint = { INFO: style.faint, WARNING: style.caution, ERROR: style.bad };
  const columns = [
    { title: 'WHEN', cell: ({ occurredAt }: Event) => formatTime(occurredAt, session.now()) },
    {
      title: 'SEVERITY',
      cell: (event: Event) => {
        const known = severities.find((one) => one === event.severity);
        return known === undefined ? formatWord(event.severity) : paint[known](formatWord(known));
      },
    },
    { title: 'TYPE', cell: (event: Event) => printable(event.type) },
    { title: 'WHO', cell: ({ actor }: Event) => printable(actor) },
    { title: 'WHAT', cell: ({ summary }: Event) => printable(summary) },
  ];
  printList(session, listed, columns, 'There are no such events.');
  return undefined;
}

export function addEventCommands(program: StrongroomCommand, action: MakeAction): void {
  const group = program
    .command('event')
    .description('See what happened.')
    .example('strongroom event list', 'See what happened last');
  withLimit(
    group
      .command('list')
      .description('Lists events, the latest first.')
      .option('-s, --severity <severity>', 'only of this severity', constant(severities))
      .option('-t, --type <type>', 'only of this type, for instance backup.succeeded'),
  )
    .example('strongroom event list --severity error', 'See what needs somebody')
    .action(action(list));
}
