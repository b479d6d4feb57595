/** `strongroom repository …` */
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { addParts } from '../../parts.ts';
import type { Part } from '../../parts.ts';

const parts: readonly Part[] = [
  { names: ['create', 'attach'], load: async () => (await import('./create.ts')).addRepositoryCreation },
  {
    names: ['list', 'show', 'update', 'test', 'delete'],
    load: async () => (await import('./manage.ts')).addRepositoryManagement,
  },
  { names: ['key'], load: async () => (await import('./key.ts')).addRepositoryKeys },
];

export async function addRepositoryCommands(
  program: StrongroomCommand,
  action: MakeAction,
  words: readonly string[],
): Promise<void> {
  const group = program
    .command('repository')
    .alias('repo')
    .description('Manage repositories: where backups are kept.')
    .example(
      'strongroom repository create vault --set path=/backups --generate-passphrase',
      'Make a repository in a folder',
    );
  await addParts(parts, group, action, words);
}
