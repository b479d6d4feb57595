/**
 * PostgreSQL's own patterns for names, as `pg_dump --table` takes them, turned into regular expressions for the server:
 * `*` is anything, `?` one character, a dot parts schema and table, double quotes keep case and take all literally.
 */
import { StrongroomError } from '../../../src/errors.ts';

/** Regular expressions, anchored, in PostgreSQL's dialect. */
export interface NamePattern {
  readonly schema: string | undefined;
  readonly table: string;
}

const LONGEST = 500;

/** Reads one pattern; `field` names it in the error `INPUT_INVALID`. */
export function parsePattern(pattern: string, field: string): NamePattern {
  const invalid = (reason: string): StrongroomError =>
    new StrongroomError('INPUT_INVALID', { field, reason: `"${pattern}" ${reason}` });
  if (pattern.length > LONGEST || pattern.includes('\0')) throw invalid('is no pattern for tables.');
  const parts = [''];
  let quoted = false;
  const add = (text: string): void => {
    parts[parts.length - 1] += text;
  };
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at);
    if (character === '"') {
      if (quoted && pattern[at + 1] === '"') {
        add('"');
        at += 1;
      } else quoted = !quoted;
    } else if (quoted) add(/[|*+?()[\]{}.^$\\]/.test(character) ? `\\${character}` : character);
    else if (character === '.') parts.push('');
    else if (character === '*') add('.*');
    else if (character === '?') add('.');
    else if (character === '$') add('\\$');
    else add(character.toLowerCase());
  }
  const [first, second, ...more] = parts;
  if (quoted) throw invalid('ends inside of quotes.');
  if (first === undefined || parts.includes('') || more.length > 0)
    throw invalid('is not of the form table or schema.table.');
  return second === undefined
    ? { schema: undefined, table: `^(${first})$` }
    : { schema: `^(${first})$`, table: `^(${second})$` };
}
