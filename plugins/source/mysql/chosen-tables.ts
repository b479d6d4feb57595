/** Which tables of a backup a restore is about. */
import type { DatabaseFacts, TableFacts } from './facts.ts';
import { matched } from './name-pattern.ts';

/** Tables with rows that patterns choose. Throws `INPUT_INVALID` for a pattern that is none, or that matches no table with rows. */
export function chosenTables({ database, tables }: DatabaseFacts, patterns: readonly string[]): readonly TableFacts[] {
  const withRows = tables.filter(({ parts }) => parts > 0);
  const chosen = matched(patterns, 'includeTables', withRows, () => database, 'table with rows in the backup');
  return tables.filter((table) => chosen.has(table));
}
