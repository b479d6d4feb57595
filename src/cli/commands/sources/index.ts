/** `strongroom source …` */
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { addParts } from '../../parts.ts';
import type { Part } from '../../parts.ts';

const parts: readonly Part[] = [
  { names: ['add', 'create', 'update', 'delete'], load: async () => (await import('./change.ts')).addSourceChanges },
  { names: ['list', 'test', 'discover'], load: async () => (await import('./look.ts')).addSourceLooks },
];

export async function addSourceCommands(
  program: StrongroomCommand,
  action: MakeAction,
  words: readonly string[],
): Promise<void> {
  const group = program
    .command('source')
    .description('Manage sources: the databases, files and configuration of a workload.')
    .example('strongroom source list --workload shop', 'See the sources of a workload');
  await addParts(parts, group, action, words);
}
