/** Sources in words. */
import { formatWord } from '../../output/format.ts';
import { factLines } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import type { Session } from '../../session.ts';
import type { Source } from './documents.ts';

/** A configuration as it is typed: `path=/srv/uploads`. */
export const settingLines = (configuration: Readonly<Record<string, unknown>>): string[] =>
  Object.entries(configuration).map(
    ([field, value]) => `${printable(field)}=${printable(typeof value === 'string' ? value : JSON.stringify(value))}`,
  );

/** Prints a source; its secrets by name only. */
export function printSource(session: Session, source: Source): undefined {
  session.output.result(source, () =>
    factLines([
      ['Name', session.output.style.strong(printable(source.name))],
      ['Id', source.id],
      ['Content', formatWord(source.content)],
      ['Plugin', printable(source.plugin)],
      ['Configuration', settingLines(source.configuration).join('  ')],
      ['Secrets', source.secretsSet.map(printable).join(', ')],
    ]),
  );
  return undefined;
}
