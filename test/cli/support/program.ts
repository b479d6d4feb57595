/** The program with actions that only say that they were reached. */
import type { StrongroomCommand } from '../../../src/cli/command.ts';
import { buildProgram } from '../../../src/cli/program.ts';

const silent = { write: () => true, on: () => undefined, once: () => undefined, off: () => undefined };

export function buildSilentProgram(reached: () => void = () => undefined): StrongroomCommand {
  return buildProgram({ stdout: silent, stderr: silent, version: '9.8.7' }, () => () => {
    reached();
    return Promise.resolve();
  });
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
