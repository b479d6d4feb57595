/** Tables whose rows the user must not see. */
import type { ReadSelection, Warning } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import type { ServerAccess } from './connection.ts';
import type { FoundTable } from './found-tables.ts';
import type { DumpSelection } from './schema-dump.ts';
import type { DeniedSequence } from './sequences.ts';

const NAMED = 5;

/**
 * A warning for each table that can't be read, by its oid. Throws `SOURCE_DENIED`, which names them, unless it is allowed to leave them out.
 */
export function unreadableTables(
  access: ServerAccess,
  tables: readonly FoundTable[],
  allowed: boolean,
): ReadonlyMap<number, Warning & { readonly table: FoundTable }> {
  const denied = tables.filter((table) => isDenied(table));
  if (!allowed)
    refuse(
      access,
      'table',
      denied.map(({ label }) => label),
      reasonOf(access, denied[0]),
    );
  return new Map(denied.map((table) => [table.oid, { table, ...warningOf(table.label, reasonOf(access, table)) }]));
}

/** The same for sequences, which are then left out altogether. */
export function unreadableSequences(
  access: ServerAccess,
  denied: readonly DeniedSequence[],
  allowed: boolean,
): readonly Warning[] {
  const reason = lacksSelect(access);
  const names = denied.map(({ label }) => label);
  if (!allowed) refuse(access, 'sequence', names, reason);
  return names.map((name) => warningOf(`sequence ${name}`, reason));
}

/** Of views and the like only the definition is taken, which everybody may see. */
const isDenied = ({ kind, denied, withRows }: FoundTable): boolean =>
  denied === 'privilege' ? kind === 'table' || kind === 'partitioned table' : withRows && denied !== undefined;

function refuse({ database }: ServerAccess, what: string, names: readonly string[], reason: string): void {
  if (names.length === 0) return;
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
  const all = `${what}${names.length === 1 ? '' : 's'} ${names.slice(0, NAMED).join(', ')}${more}`;
  throw new StrongroomError('SOURCE_DENIED', { subject: `database ${database}, ${all}`, reason });
}

function warningOf(subject: string, reason: string): Warning {
  const { message } = new StrongroomError('SOURCE_DENIED', { subject, reason });
  return { code: 'SOURCE_DENIED', subject, message };
}

const lacksSelect = ({ user }: ServerAccess): string => `${user} lacks the right SELECT`;

const reasonOf = (access: ServerAccess, table: FoundTable | undefined): string =>
  table?.denied === 'row security'
    ? `row security hides rows from ${access.user}; a role with BYPASSRLS sees all`
    : lacksSelect(access);

/** The patterns for `pg_dump`: it asks for locks, which take the right to read. */
export const excludedFor = (
  selection: ReadSelection,
  unreadable: ReadonlyMap<number, { readonly table: FoundTable }>,
  sequences: readonly DeniedSequence[],
): DumpSelection => ({
  includeTables: selection.includeTables ?? [],
  excludeTables: [
    ...(selection.excludeTables ?? []),
    ...[
      ...[...unreadable.values()].map(({ table }) => table).filter(({ denied }) => denied === 'privilege'),
      ...sequences,
    ].map(({ schema, name }) => `${patternOf(schema)}.${patternOf(name)}`),
  ],
});

/** A pattern that means this name alone. */
const patternOf = (name: string): string => `"${name.replaceAll('"', '""')}"`;
