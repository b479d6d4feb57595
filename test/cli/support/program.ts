/** The program with actions that only say that they were reached. */
import type { StrongroomCommand } from '../../../src/cli/command.ts';
import { buildProgram } from '../../../src/cli/program.ts';

// As wide as the terminal of `runCli`.
const silent = { columns: 100, write: () => true, on: () => undefined, once: () => undefined, off: () => undefined };

/** The whole program, or what of it a command line loads. */
export function buildSilentProgram(
  reached: () => void = () => undefined,
  argv: readonly string[] = [],
): Promise<StrongroomCommand> {
  const action = () => () => {
    reached();
    return Promise.resolve();
  };
  return buildProgram({ stdout: silent, stderr: silent, version: '9.8.7' }, action, argv);
}

/** A command and all below it. */
export const allCommands = (command: StrongroomCommand): StrongroomCommand[] => [
  command,
  ...command.children.flatMap(allCommands),
];

/** The words of a line as a shell would split it, up to a redirection. */
export function shellWords(line: string): string[] {
  const [command = ''] = line.split(' > ');
  return Array.from(command.matchAll(/(?:'[^']*'|"[^"]*"|[^\s'"])+/gu), ([word]) =>
    word.replaceAll(/'([^']*)'|"([^"]*)"/gu, (_whole, single?: string, double?: string) => single ?? double ?? ''),
  );
}

/** As `shellWords`, without the variables set before the command. */
export function commandWords(line: string): string[] {
  const words = shellWords(line);
  return words.slice(words.findIndex((word) => !/^[A-Z_]+=/u.test(word)));
}
