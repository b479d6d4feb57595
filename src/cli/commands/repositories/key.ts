/** `strongroom repository key …` */
import { StrongroomError } from '../../../errors.ts';
import { findNamed, findNamedOrOnly } from '../../api/named.ts';
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { gatherKey, withKey } from '../../input/repository-key.ts';
import type { KeyOptions } from '../../input/repository-key.ts';
import { printable } from '../../output/text.ts';
import type { Session } from '../../session.ts';
import { confirmed, subject, withSubject } from '../shared.ts';
import { addRepositoryKey, removeRepositoryKey, repositoryNames, showRepository } from './documents.ts';
import { generatedLines, keyLines } from './text.ts';

interface SubjectOptions {
  readonly id?: string;
}

async function list(session: Session, argument: string | undefined, options: SubjectOptions): Promise<undefined> {
  const api = await session.api();
  const { id } = await findNamedOrOnly(api, repositoryNames, argument ?? options.id);
  const { found } = await api.run(showRepository, { id });
  if (found === null) throw new StrongroomError('OBJECT_NOT_FOUND', { type: 'repository', id });
  session.output.result(found.keySlots, () => keyLines(found.keySlots, session.now()));
  return undefined;
}

async function add(
  session: Session,
  argument: string | undefined,
  options: SubjectOptions & KeyOptions,
): Promise<undefined> {
  const api = await session.api();
  const { id } = await findNamed(api, repositoryNames, subject(argument, options, 'repository'));
  const { key, generated } = await gatherKey(session, options, { fresh: true });
  const { repository } = await api.run(addRepositoryKey, { input: { repositoryId: id, ...key } });
  const answer =
    generated === undefined ? repository.keySlots : { keySlots: repository.keySlots, passphrase: generated };
  session.output.result(answer, () => [...keyLines(repository.keySlots, session.now()), ...generatedLines(generated)]);
  return undefined;
}

async function remove(
  session: Session,
  argument: string | undefined,
  options: SubjectOptions & { readonly slot: string; readonly yes?: boolean },
): Promise<undefined> {
  const api = await session.api();
  const { id, name } = await findNamed(api, repositoryNames, subject(argument, options, 'repository'));
  if (!(await confirmed(session, options, `Remove the key slot ${options.slot} of ${name}? Its key opens it no more.`)))
    return undefined;
  const { repository } = await api.run(removeRepositoryKey, { input: { repositoryId: id, slot: options.slot } });
  session.output.result(repository.keySlots, () => [`Removed the key slot ${printable(options.slot)}.`]);
  return undefined;
}

export function addRepositoryKeys(group: StrongroomCommand, action: MakeAction): void {
  const keys = group
    .command('key')
    .description('Manage the keys of a repository: each of them opens it.')
    .example('strongroom repository key list vault', 'See the key slots of a repository');
  withSubject(keys.command('list').description('Lists the key slots of a repository.'), 'repository')
    .example('strongroom repository key list vault', 'See the key slots of a repository')
    .action(action(list));
  withKey(withSubject(keys.command('add').description('Adds a key to a repository.'), 'repository'), { fresh: true })
    .example(
      'strongroom repository key add vault --generate-passphrase',
      'Make a second passphrase, to be kept elsewhere',
    )
    .example('strongroom repository key add vault --key-file ./vault.key', 'Let a key file open it, too')
    .action(action(add));
  withSubject(keys.command('remove').description('Removes a key from a repository; never the last one.'), 'repository')
    .requiredOption('-s, --slot <slot>', 'the slot, as "key list" shows it')
    .option('-y, --yes', 'do not ask')
    .example('strongroom repository key remove vault --slot 84fa3577fe75f0bf --yes', 'Take a key away')
    .action(action(remove));
}
