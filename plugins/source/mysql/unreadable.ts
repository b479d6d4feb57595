/** What the user must not see. */
import type { Connection } from 'mysql2/promise';
import type { Warning } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { ErrorNumber, numberOf, type ServerAccess } from './connection.ts';
import type { FoundTable } from './found-tables.ts';
import { readColumns } from './parts.ts';
import { qualified, quoted } from './quoting.ts';
import { rightsOn, ROUTINES_SEEN } from './rights.ts';
import type { ServerVersion } from './server.ts';

const NAMED = 5;
const DENIED: ReadonlySet<number | undefined> = new Set([
  ErrorNumber.tableAccessDenied,
  ErrorNumber.columnAccessDenied,
]);

/** Without these rights there would seem to be no triggers, events, definitions of views and routines at all. */
const NEEDED = ['TRIGGER', 'EVENT', 'SHOW VIEW', ROUTINES_SEEN];

/** Tables whose rows the user may not read. Waits for those that others have locked, as long as the session allows. */
async function deniedTables(connection: Connection, tables: readonly FoundTable[]): Promise<ReadonlySet<FoundTable>> {
  const denied = new Set<FoundTable>();
  for (const table of tables) {
    const columns = readColumns(table).map(quoted).join(', ');
    try {
      // What the user may not see of a table, its catalogue does not show either; all of it, he must ask for.
      await connection.query(`SELECT *, ${columns} FROM ${qualified(table.database, table.name)} LIMIT 0`);
    } catch (error) {
      if (!DENIED.has(numberOf(error))) throw error;
      denied.add(table);
    }
  }
  return denied;
}

/** What the user may not see of a database. */
export interface Unreadable {
  readonly tables: ReadonlySet<FoundTable>;
  /** One for each thing that is left out. */
  readonly warnings: readonly Warning[];
}

/** Of the tables those whose rows can't be read, and whatever else is hidden. Throws `SOURCE_DENIED`, which names them, unless that is allowed. */
export async function unreadableOf(
  connection: Connection,
  { user }: ServerAccess,
  server: ServerVersion,
  { database, tables }: { readonly database: string; readonly tables: readonly FoundTable[] },
  allowed: boolean,
): Promise<Unreadable> {
  const denied = await deniedTables(connection, tables);
  const rights = await rightsOn(connection, server, database);
  const missing = rights.has('ALL PRIVILEGES') ? [] : NEEDED.filter((right) => !rights.has(right));
  const subjects = [
    ...[...denied].map(({ name }) => ({
      subject: `table ${database}.${name}`,
      reason: `${user} lacks the right SELECT`,
    })),
    ...missing.map((right) => ({
      subject: `database ${database}`,
      reason: `${user} lacks the right ${right}, without which none of what it is about is seen`,
    })),
  ];
  const [first] = subjects;
  if (first !== undefined && !allowed) {
    const names = [...denied].map(({ name }) => name);
    const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : '';
    const named = `table${names.length === 1 ? '' : 's'} ${names.slice(0, NAMED).join(', ')}${more}`;
    const subject = names.length === 0 ? first.subject : `database ${database}, ${named}`;
    throw new StrongroomError('SOURCE_DENIED', { subject, reason: first.reason });
  }
  const warnings = subjects.map(({ subject, reason }) => {
    const { message } = new StrongroomError('SOURCE_DENIED', { subject, reason });
    return { code: 'SOURCE_DENIED', subject, message };
  });
  return { tables: denied, warnings };
}
