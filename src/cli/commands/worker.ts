/** `strongroom worker list | update` */
import { findNamed } from '../api/named.ts';
import type { Named, NamedType } from '../api/named.ts';
import { fallible, operation } from '../api/operation.ts';
import type { Page } from '../api/operation.ts';
import { collectPages } from '../api/pages.ts';
import type { PageVariables } from '../api/pages.ts';
import type { MakeAction, StrongroomCommand } from '../command.ts';
import { countOrNone } from '../input/values.ts';
import { formatTime } from '../output/format.ts';
import { factLines } from '../output/table.ts';
import { printable } from '../output/text.ts';
import type { Session } from '../session.ts';
import { printList, subject, withLimit, withSubject } from './shared.ts';
import type { ListOptions } from './shared.ts';

interface Worker extends Named {
  readonly running: boolean;
  readonly lanes: number;
  readonly laneLimit: number | null;
  readonly startedAt: string;
  readonly lastSeenAt: string;
}

const fields = 'id name running lanes laneLimit startedAt lastSeenAt';

export const workerByName = operation<{ readonly found: Named | null }, { readonly name: string }>(`
  query WorkerByName($name: String!) { found: worker(name: $name) { id name } }`);

export const workerById = operation<{ readonly found: Named | null }, { readonly id: string }>(`
  query WorkerById($id: ID!) { found: worker(id: $id) { id name } }`);

export const someWorkers = operation<{ readonly page: Page<Named> }, { readonly first: number }>(`
  query SomeWorkers($first: Int) {
    page: workers(first: $first) { totalCount pageInfo { hasNextPage endCursor } edges { node { id name } } }
  }`);

export const listWorkers = operation<{ readonly page: Page<Worker> }, PageVariables>(`
  query ListWorkers($first: Int, $after: String) {
    page: workers(first: $first, after: $after) {
      totalCount pageInfo { hasNextPage endCursor } edges { node { ${fields} } }
    }
  }`);

export const updateWorker = fallible<{ readonly worker: Worker }, { readonly input: object }>(`
  mutation UpdateWorker($input: UpdateWorkerInput!) {
    worker: updateWorker(input: $input) { ...Failure ... on Worker { ${fields} } }
  }`);

const workerNames: NamedType = { what: 'worker', byName: workerByName, byId: workerById, some: someWorkers };

const stateText = ({ running }: Worker): string => (running ? 'running' : 'gone');
const limitText = ({ laneLimit }: Worker): string => (laneLimit === null ? 'none' : String(laneLimit));

async function list(session: Session, { limit }: ListOptions): Promise<undefined> {
  const listed = await collectPages(await session.api(), listWorkers, {}, limit);
  const now = session.now();
  const columns = [
    { title: 'NAME', cell: ({ name }: Worker) => printable(name) },
    { title: 'STATE', cell: stateText },
    { title: 'LANES', cell: ({ lanes }: Worker) => String(lanes) },
    { title: 'LIMIT', cell: limitText },
    { title: 'SEEN', cell: ({ lastSeenAt }: Worker) => formatTime(lastSeenAt, now) },
    { title: 'ID', cell: ({ id }: Worker) => id },
  ];
  printList(session, listed, columns, 'There are no workers: strongroom worker --help');
  return undefined;
}

interface UpdateOptions {
  readonly id?: string;
  readonly lanes: number;
}

async function update(session: Session, argument: string | undefined, options: UpdateOptions): Promise<undefined> {
  const api = await session.api();
  const { id } = await findNamed(api, workerNames, subject(argument, options, 'worker'));
  const { worker } = await api.run(updateWorker, { input: { id, laneLimit: options.lanes } });
  session.output.result(worker, () =>
    factLines([
      ['Name', session.output.style.strong(printable(worker.name))],
      ['Id', worker.id],
      ['State', stateText(worker)],
      ['Lanes', String(worker.lanes)],
      ['Lane limit', limitText(worker)],
      ['Started', formatTime(worker.startedAt, session.now())],
      ['Seen', formatTime(worker.lastSeenAt, session.now())],
    ]),
  );
  return undefined;
}

/** Adds the commands below `strongroom worker`, which itself runs one. */
export function addWorkerCommands(worker: StrongroomCommand, action: MakeAction): void {
  withLimit(worker.command('list').description('Lists workers: the processes that run jobs.'))
    .example('strongroom worker list', 'See which workers there are, and their limits')
    .action(action(list));
  withSubject(
    worker.command('update').description('Limits the threads of a worker; its runs under way heed that at once.'),
    'worker',
  )
    .requiredOption('--lanes <count>', 'threads for all its runs together, or none for no limit', countOrNone(256))
    .example('strongroom worker update web-1 --lanes 1', 'Leave the other cores of a machine to others')
    .example('strongroom worker update web-1 --lanes none', 'Lift the limit')
    .action(action(update));
}
