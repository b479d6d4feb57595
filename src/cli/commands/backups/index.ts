/** `strongroom backup …` */
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { addBackupCreate } from './create.ts';
import { addBackupList } from './list.ts';
import { addBackupManagement } from './manage.ts';
import { addBackupRestore } from './restore.ts';
import { addBackupTree } from './tree.ts';
import { addBackupVerify } from './verify.ts';

export function addBackupCommands(program: StrongroomCommand, action: MakeAction): void {
  const group = program
    .command('backup')
    .description('Create, look into, verify, restore and delete backups.')
    .example('strongroom backup create --help', 'See how to make one');
  addBackupCreate(group, action);
  addBackupList(group, action);
  addBackupTree(group, action);
  addBackupVerify(group, action);
  addBackupRestore(group, action);
  addBackupManagement(group, action);
}
