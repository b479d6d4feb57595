/** `strongroom repository …` */
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { addRepositoryCreation } from './create.ts';
import { addRepositoryKeys } from './key.ts';
import { addRepositoryManagement } from './manage.ts';

export function addRepositoryCommands(program: StrongroomCommand, action: MakeAction): void {
  const group = program
    .command('repository')
    .alias('repo')
    .description('Manage repositories: where backups are kept.')
    .example(
      'strongroom repository create vault --set path=/backups --generate-passphrase',
      'Make a repository in a folder',
    );
  addRepositoryCreation(group, action);
  addRepositoryManagement(group, action);
  addRepositoryKeys(group, action);
}
