/** Which databases of a server a source is about. */
import { StrongroomError } from '../../../src/errors.ts';

/** One by its name, or all that patterns choose, those made later among them. */
export type DatabaseChoice =
  | { readonly kind: 'one'; readonly name: string }
  | { readonly kind: 'matching'; readonly include: readonly string[]; readonly exclude: readonly string[] };

/** `*` is anything, `?` one character; all else is itself. */
export const patternOf = (text: string): RegExp =>
  new RegExp(
    `^${text
      .replaceAll(/[\\^$.|+()[\]{}]/g, String.raw`\$&`)
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'su',
  );

/** Those of the names that patterns choose. Throws `SOURCE_MISSING` where there is none; `server` says where. */
export function matching(
  names: readonly string[],
  choice: Extract<DatabaseChoice, { readonly kind: 'matching' }>,
  server: string,
): readonly string[] {
  const include = choice.include.map(patternOf);
  const exclude = choice.exclude.map(patternOf);
  const chosen = names.filter(
    (name) => include.some((pattern) => pattern.test(name)) && !exclude.some((pattern) => pattern.test(name)),
  );
  if (chosen.length > 0) return chosen;
  const subject = `any database on ${server} that matches ${choice.include.join(', ')}`;
  throw new StrongroomError('SOURCE_MISSING', { subject });
}

/** One by its name, or those of patterns. */
export const choiceOf = (
  name: string | undefined,
  include: readonly string[] = ['*'],
  exclude: readonly string[] = [],
): DatabaseChoice => (name === undefined ? { kind: 'matching', include, exclude } : { kind: 'one', name });
