/** `strongroom source …` */
import type { MakeAction, StrongroomCommand } from '../../command.ts';
import { addSourceChanges } from './change.ts';
import { addSourceLooks } from './look.ts';

export function addSourceCommands(program: StrongroomCommand, action: MakeAction): void {
  const group = program
    .command('source')
    .description('Manage sources: the databases, files and configuration of a workload.')
    .example('strongroom source list --workload shop', 'See the sources of a workload');
  addSourceChanges(group, action);
  addSourceLooks(group, action);
}
