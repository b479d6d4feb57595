/** `strongroom repository list | show | update | test | delete` */
import { StrongroomError } from '../../../errors.ts';
import { findNamed, findNamedOrOnly } from '../../api/named.ts';
import { collectPages } from '../../api/pages.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { usageError } from '../../input/usage.ts';
import { printable } from '../../output/text.ts';
import type { Session } from '../../session.ts';
import { confirmed, present, printList, subject, withLimit, withSubject } from '../shared.ts';
import type { ListOptions } from '../shared.ts';
import {
  deleteRepository,
  listRepositories,
  repositoryNames,
  showRepository,
  testRepository,
  updateRepository,
} from './documents.ts';
import type { RepositoryRow } from './documents.ts';
import { type LimitOptions, limitsInput, withLimits } from './limits.ts';
import { placeText, repositoryLines } from './text.ts';

interface SubjectOptions {
  readonly id?: string;
}

async function list(session: Session, { limit }: ListOptions): Promise<undefined> {
  const listed = await collectPages(await session.api(), listRepositories, {}, limit);
  const columns = [
    { title: 'NAME', cell: ({ name }: RepositoryRow) => printable(name) },
    { title: 'PLACE', cell: placeText },
    { title: 'COMPRESSION', cell: ({ compressor }: RepositoryRow) => printable(compressor.plugin) },
    { title: 'ENCRYPTION', cell: ({ encryptor }: RepositoryRow) => printable(encryptor.plugin) },
    { title: 'ID', cell: ({ id }: RepositoryRow) => id },
  ];
  printList(session, listed, columns, 'There are no repositories yet: strongroom repository create --help');
  return undefined;
}

async function show(session: Session, argument: string | undefined, options: SubjectOptions): Promise<undefined> {
  const api = await session.api();
  const { id } = await findNamedOrOnly(api, repositoryNames, argument ?? options.id);
  const { found } = await api.run(showRepository, { id });
  if (found === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'repository', id });
  session.output.result(found, () => repositoryLines(session, found, found.usage));
  return undefined;
}

async function update(
  session: Session,
  argument: string | undefined,
  options: SubjectOptions & LimitOptions & { readonly name?: string },
): Promise<undefined> {
  const changes = present({ name: options.name, ...limitsInput(options) });
  if (Object.keys(changes).length === 0)
    throw usageError('update', 'say what to change: --name, --limit-upload or --limit-download.');
  const api = await session.api();
  const { id } = await findNamed(api, repositoryNames, subject(argument, options, 'repository'));
  const { repository } = await api.run(updateRepository, { input: { id, ...changes } });
  session.output.result(repository, () => repositoryLines(session, repository));
  return undefined;
}

async function test(session: Session, argument: string | undefined, options: SubjectOptions): Promise<undefined> {
  const api = await session.api();
  const { id } = await findNamedOrOnly(api, repositoryNames, argument ?? options.id);
  const { repository } = await api.run(testRepository, { id });
  session.output.result(repository, () => [`${printable(repository.name)} can be opened and written.`]);
  return undefined;
}

interface DeleteOptions extends SubjectOptions {
  readonly yes?: boolean;
  readonly force?: boolean;
}

async function remove(session: Session, argument: string | undefined, options: DeleteOptions): Promise<undefined> {
  const api = await session.api();
  const { id, name } = await findNamed(api, repositoryNames, subject(argument, options, 'repository'));
  if (!(await confirmed(session, options, `Forget the repository ${name}? What is stored in it stays.`)))
    return undefined;
  await api.run(deleteRepository, { input: { id, force: options.force === true } });
  session.output.result({ id }, () => [`Forgot ${printable(name)}; what is stored in it stays.`]);
  return undefined;
}

export function addRepositoryManagement(group: StrongroomCommand, action: MakeAction): void {
  withLimit(group.command('list').description('Lists repositories.'))
    .example('strongroom repository list', 'See all repositories')
    .action(action(list));
  withSubject(
    group.command('show').description('Shows a repository: place, codecs, keys, what it holds.'),
    'repository',
  )
    .example('strongroom repository show vault', 'See how much a repository holds')
    .action(action(show));
  withLimits(
    withSubject(
      group.command('update').description('Gives a repository another name or other limits; runs heed those at once.'),
      'repository',
    ).option('-n, --name <name>', 'new name'),
  )
    .example('strongroom repository update vault --name vault-2026', 'Give it another name')
    .example(
      'strongroom repository update vault --limit-upload 10MiB/s',
      'Slow down what is written to it, from now on',
    )
    .example('strongroom repository update vault --limit-upload none', 'Lift the limit')
    .action(action(update));
  withSubject(group.command('test').description('Opens a repository and proves that it can be written.'), 'repository')
    .example('strongroom repository test vault', 'Check that a repository can be used')
    .action(action(test));
  withSubject(
    group.command('delete').description('Forgets a repository; what is stored in it stays and can be attached again.'),
    'repository',
  )
    .option('-f, --force', 'forget its backups with it')
    .option('-y, --yes', 'do not ask')
    .example('strongroom repository delete vault --yes', 'Forget it without being asked')
    .action(action(remove));
}
