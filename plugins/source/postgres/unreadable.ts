/** Tables whose rows the user must not see. */
import type { ReadSelection, Warning } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import type { ServerAccess } from './connection.ts';
import type { FoundTable } from './found-tables.ts';
import type { DumpSelection } from './schema-dump.ts';

const NAMED = 5;

/**
 * A warning for each table that can't be read, by its oid. Throws `SOURCE_DENIED`, which names them, unless it is allowed to leave them out.
 */
export function unreadableTables(
  access: ServerAccess,
  tables: readonly FoundTable[],
  allowed: boolean,
): ReadonlyMap<number, Warning & { readonly table: FoundTable }> {
  const denied = tables.filter(
    (table) => table.denied === 'privilege' || (table.withRows && table.denied !== undefined),
  );
  if (denied.length > 0 && !allowed) {
    const names = denied
      .slice(0, NAMED)
      .map(({ label }) => label)
      .join(', ');
    const more = denied.length > NAMED ? ` and ${denied.length - NAMED} more` : '';
    const subject = `database ${access.database}, table${denied.length === 1 ? '' : 's'} ${names}${more}`;
    throw new StrongroomError('SOURCE_DENIED', { subject, reason: reasonOf(access, denied[0]) });
  }
  return new Map(
    denied.map((table) => {
      const subject = table.label;
      const { message } = new StrongroomError('SOURCE_DENIED', { subject, reason: reasonOf(access, table) });
      return [table.oid, { table, code: 'SOURCE_DENIED', subject, message }];
    }),
  );
}

const reasonOf = ({ user }: ServerAccess, table: FoundTable | undefined): string =>
  table?.denied === 'row security'
    ? `row security hides rows from ${user}; a role with BYPASSRLS sees all`
    : `${user} lacks the right SELECT`;

/** The patterns for `pg_dump`: it asks for locks, which take the right to read. */
export const excludedFor = (
  selection: ReadSelection,
  unreadable: ReadonlyMap<number, { readonly table: FoundTable }>,
): DumpSelection => ({
  includeTables: selection.includeTables ?? [],
  excludeTables: [
    ...(selection.excludeTables ?? []),
    ...[...unreadable.values()]
      .filter(({ table }) => table.denied === 'privilege')
      .map(({ table }) => `${patternOf(table.schema)}.${patternOf(table.name)}`),
  ],
});

/** A pattern that means this name alone. */
const patternOf = (name: string): string => `"${name.replaceAll('"', '""')}"`;
