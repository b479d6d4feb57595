/** `strongroom backup …` */
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { addParts } from '../../parts.ts';
import type { Part } from '../../parts.ts';

const parts: readonly Part[] = [
  { names: ['create'], load: async () => (await import('./create.ts')).addBackupCreate },
  { names: ['list', 'show'], load: async () => (await import('./list.ts')).addBackupList },
  { names: ['ls', 'cat'], load: async () => (await import('./tree.ts')).addBackupTree },
  { names: ['verify'], load: async () => (await import('./verify.ts')).addBackupVerify },
  { names: ['restore'], load: async () => (await import('./restore.ts')).addBackupRestore },
  {
    names: ['update', 'retry', 'cancel', 'delete'],
    load: async () => (await import('./manage.ts')).addBackupManagement,
  },
];

export async function addBackupCommands(
  program: StrongroomCommand,
  action: MakeAction,
  words: readonly string[],
): Promise<void> {
  const group = program
    .command('backup')
    .description('Create, look into, verify, restore and delete backups.')
    .example('strongroom backup create --help', 'See how to make one');
  await addParts(parts, group, action, words);
}
