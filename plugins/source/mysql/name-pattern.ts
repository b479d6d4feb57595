/**
 * Patterns of tables: `*` is anything, `?` one character, a dot parts database and table, backticks take all literally.
 */
import { StrongroomError } from '../../../src/errors.ts';

export interface NamePattern {
  readonly database: RegExp | undefined;
  readonly table: RegExp;
}

const LONGEST = 500;

/** Reads one pattern; `field` names it in the error `INPUT_INVALID`. */
export function parsePattern(pattern: string, field: string): NamePattern {
  const invalid = (reason: string): StrongroomError =>
    new StrongroomError('INPUT_INVALID', { field, reason: `"${pattern}" ${reason}` });
  if (pattern.length > LONGEST || pattern.includes('\0')) throw invalid('is no pattern for tables.');
  const parts = [''];
  let literal = false;
  const add = (text: string): void => {
    parts[parts.length - 1] += text;
  };
  for (const character of pattern.replaceAll('``', '\0')) {
    if (character === '`') literal = !literal;
    else if (character === '\0') add('`');
    else if (!literal && character === '.') parts.push('');
    else if (!literal && character === '*') add('.*');
    else if (!literal && character === '?') add('.');
    else add(RegExp.escape(character));
  }
  const [first, second, ...more] = parts;
  if (literal) throw invalid('ends inside of backticks.');
  if (first === undefined || parts.includes('') || more.length > 0)
    throw invalid('is not of the form table or database.table.');
  return second === undefined
    ? { database: undefined, table: expression(first) }
    : { database: expression(first), table: expression(second) };
}

const expression = (text: string): RegExp => new RegExp(`^(?:${text})$`, 'su');

/** Tables that some pattern means. Throws `INPUT_INVALID`, naming `field`, for a pattern that matches none of `kind`. */
export function matched<T extends { readonly name: string }>(
  patterns: readonly string[],
  field: string,
  tables: readonly T[],
  databaseOf: (table: T) => string,
  kind = 'table',
): ReadonlySet<T> {
  const found = new Set<T>();
  for (const pattern of patterns) {
    const { database, table } = parsePattern(pattern, field);
    const meant = tables.filter((one) => table.test(one.name) && (database?.test(databaseOf(one)) ?? true));
    if (meant.length === 0)
      throw new StrongroomError('INPUT_INVALID', { field, reason: `"${pattern}" matches no ${kind}.` });
    for (const one of meant) found.add(one);
  }
  return found;
}
