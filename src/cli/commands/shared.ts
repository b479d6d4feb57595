/** What many commands do alike. */
import type { Listed } from '../api/pages.ts';
import { usageError } from '../input/usage.ts';
import { collect, wholeNumber } from '../input/values.ts';
import { tableLines } from '../output/table.ts';
import type { Column } from '../output/table.ts';
import type { Session } from '../session.ts';
import type { StrongroomCommand } from '../command.ts';

/** The object a command is about: its argument, or `--id`. */
export function subject(argument: string | undefined, options: { readonly id?: string }, what: string): string {
  const reference = argument ?? options.id;
  if (reference === undefined) throw usageError(what, `say which ${what}, by name or id.`);
  if (argument !== undefined && options.id !== undefined && argument !== options.id) {
    throw usageError(what, 'give it once, as the argument or with --id.');
  }
  return reference;
}

/** Adds the argument for an existing object, and `--id` for it. */
export const withSubject = (command: StrongroomCommand, what: string): StrongroomCommand =>
  command.argument(`[${what}]`, `the ${what}, by name or id`).option('--id <id>', `the ${what}, as an option`);

export interface ListOptions {
  readonly limit: number;
}

/** Adds `--limit`. */
export const withLimit = (command: StrongroomCommand): StrongroomCommand =>
  command.option('--limit <count>', 'show at most so many', wholeNumber(1, 100_000), 50);

/** Adds `--label`. */
export const withSources = (command: StrongroomCommand): StrongroomCommand =>
  command.option('--source <name>', 'only this source; may be given several times', collect);

/** Prints a list: an array with `--json`, else a table and how much was left out. */
export function printList<Row>(
  session: Session,
  { nodes, totalCount }: Listed<Row>,
  columns: readonly Column<Row>[],
  none: string,
): void {
  session.output.result(nodes, () => (nodes.length === 0 ? [] : tableLines(nodes, columns)));
  if (nodes.length === 0) session.output.note(none);
  if (nodes.length < totalCount) {
    session.output.note(`${nodes.length} of ${totalCount} shown; --limit ${totalCount} shows all.`);
  }
}

/** Makes sure that somebody wants it: `--yes`, or a yes at the terminal. False means that they changed their mind. */
export async function confirmed(
  session: Session,
  options: { readonly yes?: boolean },
  question: string,
): Promise<boolean> {
  if (options.yes === true) return true;
  if (!session.prompt.interactive) throw usageError('--yes', `needed where nobody can be asked: ${question}`);
  const agreed = await session.prompt.confirm(question);
  if (!agreed) session.output.note('Nothing was done.');
  return agreed;
}

/** The fields that have a value, for inputs whose fields may be absent. */
export type Present<T> = { [K in keyof T]?: Exclude<T[K], undefined> };
export function present<T extends object>(fields: T): Present<T> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Present<T>;
}
