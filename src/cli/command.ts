/** Commands with examples, and the way from what was typed to what is done. */
import { Command } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import type { Session } from './session.ts';

/** A command that shows examples in its help. */
export class StrongroomCommand extends Command {
  readonly examples: { readonly line: string; readonly purpose: string }[] = [];

  constructor(name?: string) {
    super(name);
    this.addHelpText('after', () => this.exampleText());
  }

  override createCommand(name?: string): StrongroomCommand {
    return new StrongroomCommand(name);
  }

  /** Adds an example: the whole line as typed, and what it is for. */
  example(line: string, purpose: string): this {
    this.examples.push({ line, purpose });
    return this;
  }

  /** The words that lead here: `strongroom backup create`. */
  get path(): string {
    return this.parent instanceof StrongroomCommand ? `${this.parent.path} ${this.name()}` : this.name();
  }

  /** The commands below this one, without commander's own `help`. */
  get children(): readonly StrongroomCommand[] {
    return this.commands.filter((command): command is StrongroomCommand => command instanceof StrongroomCommand);
  }

  private exampleText(): string {
    if (this.examples.length === 0) return '';
    const lines = this.examples.map(({ line, purpose }) => `  # ${purpose}\n  $ ${line}`);
    return `\nExamples:\n${lines.join('\n')}`;
  }
}

/** What a command does. The exit code is 0 when it gives none. */
export type CommandBody<Arguments extends unknown[]> = (
  session: Session,
  ...values: Arguments
) => Promise<ExitCode | undefined>;

/** Makes commander's action of a body; what runs it is chosen by whoever builds the program. */
export type MakeAction = <Arguments extends unknown[]>(
  body: CommandBody<Arguments>,
) => (...values: Arguments) => Promise<void>;
