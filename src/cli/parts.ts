/** Loads of the commands only what a command line needs. */
import type { MakeAction, StrongroomCommand } from './command.ts';

/** Adds commands below `parent`; `words` are what the command line goes on with there. */
export type AddCommands = (
  parent: StrongroomCommand,
  action: MakeAction,
  words: readonly string[],
) => void | Promise<void>;

/** Commands that are loaded together. */
export interface Part {
  /** Names and aliases of its commands; one that needs all others to be there is left out. */
  readonly names: readonly string[];
  /** The heading in the help, for what follows too. */
  readonly heading?: string;
  readonly load: () => Promise<AddCommands>;
}

/**
 * The words that a command line begins with, without the options of the program among them. It ends before anything
 * that is not as plain as that: another option, such as `--help`, may change what the words after it mean.
 */
export function leadingWords(program: StrongroomCommand, argv: readonly string[]): readonly string[] {
  const words: string[] = [];
  const rest = argv[Symbol.iterator]();
  for (const word of rest) {
    const [flag = ''] = word.split('=', 1);
    const option = program.options.find(({ short, long }) => flag === short || flag === long);
    if (option === undefined && word.startsWith('-')) break;
    if (option === undefined) words.push(word);
    else if (option.required && flag === word) rest.next();
  }
  return words;
}

/**
 * Adds the part that holds the first of `words`. When none does, all are added, each with everything below: what is
 * printed then, help, suggestions or a script, tells of every command.
 */
export async function addParts(
  parts: readonly Part[],
  parent: StrongroomCommand,
  action: MakeAction,
  words: readonly string[],
): Promise<void> {
  const [word = '', ...below] = words;
  const named = parts.find(({ names }) => names.includes(word));
  for (const { heading, load } of named === undefined ? parts : [named]) {
    const add = await load();
    if (heading !== undefined) parent.commandsGroup(heading);
    await add(parent, action, named === undefined ? [] : below);
  }
}
