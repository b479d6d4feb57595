/** Which tables of a backup a restore is about. */
import type { RestoreEntry, TableInfo } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import type { TableToLoad } from '../database/load-parts.ts';
import type { DatabaseFacts, TableFacts } from './facts.ts';
import { type HeldDatabase, keyOf } from './held-database.ts';
import { parsePattern } from './table-pattern.ts';

/** Tables that patterns choose; a pattern without a schema means any. Throws `INPUT_INVALID` for one that is none, or matches nothing. */
export function chosenTables(facts: DatabaseFacts, patterns: readonly string[]): readonly TableFacts[] {
  const chosen = new Set<TableFacts>();
  for (const pattern of patterns) {
    const { schema, table } = parsePattern(pattern, 'includeTables');
    const inSchema = schema === undefined ? undefined : expression(schema, pattern);
    const named = expression(table, pattern);
    const found = facts.tables.filter((one) => (inSchema?.test(one.schema) ?? true) && named.test(one.name));
    if (!found.some(hasRows)) throw invalid(`"${pattern}" matches no table with rows in the backup.`);
    for (const one of found) if (hasRows(one)) chosen.add(one);
  }
  for (const table of chosen) {
    if (!table.inherits && !table.ofExtension) continue;
    const why = table.inherits ? 'is part of a family of partitions or inherited tables' : 'belongs to an extension';
    const reason = `table ${table.label} ${why} and can't be exchanged alone; restore all of it into another database`;
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
  }
  return facts.tables.filter((table) => chosen.has(table));
}

/** The files of rows that a backup has of tables. Throws `RESTORE_FAILED` where some are missing. */
export const toLoad = (
  held: HeldDatabase<RestoreEntry>,
  tables: readonly TableFacts[],
  expected: ReadonlyMap<string, TableInfo>,
  labelOf: (table: string) => string,
): readonly TableToLoad<TableFacts>[] =>
  tables.filter(hasRows).map((facts) => {
    const name = labelOf(facts.label);
    const parts = held.rows.get(keyOf(facts.schema, facts.name)) ?? [];
    if (parts.length === facts.parts) return { name, facts, parts, expected: expected.get(name) };
    const reason = `${facts.parts} files of rows were backed up, and ${parts.length} are there`;
    throw new StrongroomError('RESTORE_FAILED', { subject: `table ${name}`, reason });
  });

const hasRows = ({ parts }: TableFacts): boolean => parts > 0;

const invalid = (reason: string): StrongroomError =>
  new StrongroomError('INPUT_INVALID', { field: 'includeTables', reason });

function expression(text: string, pattern: string): RegExp {
  try {
    return new RegExp(text, 'su');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StrongroomError(
      'INPUT_INVALID',
      { field: 'includeTables', reason: `"${pattern}": ${reason}.` },
      { cause: error },
    );
  }
}
