/** `strongroom completion` */
import { Argument } from 'commander';
import type { MakeAction, StrongroomCommand } from '../command.ts';
import { completionScript, shells } from '../completion.ts';
import type { Shell } from '../completion.ts';

export function addCompletionCommand(program: StrongroomCommand, action: MakeAction): void {
  program
    .command('completion')
    .description('Prints a script that completes commands and options in your shell.')
    .addArgument(new Argument('<shell>', 'your shell').choices(shells))
    .example(
      'strongroom completion bash > ~/.local/share/bash-completion/completions/strongroom',
      'Install it for bash',
    )
    .example('strongroom completion zsh > "${fpath[1]}/_strongroom"', 'Install it for zsh')
    .example('strongroom completion fish > ~/.config/fish/completions/strongroom.fish', 'Install it for fish')
    .action(
      action(async (session, shell: Shell) => {
        session.deps.stdout.write(completionScript(program, shell));
        return Promise.resolve(undefined);
      }),
    );
}
