/** Which tables of a backup a restore is about. */
import { StrongroomError } from '../../../src/errors.ts';
import type { DatabaseFacts, TableFacts } from './facts.ts';
import { matched } from './name-pattern.ts';

/** Tables with rows that patterns choose. Throws `INPUT_INVALID` for a pattern that is none, or that matches no table with rows. */
export function chosenTables({ database, tables }: DatabaseFacts, patterns: readonly string[]): readonly TableFacts[] {
  const withRows = tables.filter(({ parts }) => parts > 0);
  const chosen = new Set<TableFacts>();
  for (const pattern of patterns) {
    try {
      for (const table of matched([pattern], 'includeTables', withRows, () => database)) chosen.add(table);
    } catch (error) {
      if (!(error instanceof StrongroomError)) throw error;
      const reason = `"${pattern}" matches no table with rows in the backup.`;
      throw new StrongroomError('INPUT_INVALID', { field: 'includeTables', reason }, { cause: error });
    }
  }
  return tables.filter((table) => chosen.has(table));
}
