/** Fills tables by `LOAD DATA`. */
import type { Connection } from 'mysql2/promise';
import type { RestoreContext } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { loadParts, type TableToLoad } from '../database/load-parts.ts';
import { endAtOnce, rowsOf, type ServerAccess, serverError } from './connection.ts';
import type { TableFacts } from './facts.ts';
import { loadData } from './load-data.ts';
import { isIllegible, readColumns } from './parts.ts';
import { qualified, quoted } from './quoting.ts';
import { openWriter } from './restore-session.ts';
import { readServerVersion, type ServerVersion } from './server.ts';

/** The server does what a client asks, but not this: it is switched off. */
const LOCAL_DISABLED: ReadonlySet<number> = new Set([1148, 3948, 4166]);
/** An enumeration's value that stands for one it does not have is written back with this warning. */
const TRUNCATED = 1265;
const ENUM = /^enum\b/i;

/** Loads all rows, over as many connections as `access` allows. See `loadParts` for what it reports and throws. */
export async function loadRows(
  access: ServerAccess,
  database: string,
  tables: readonly TableToLoad<TableFacts>[],
  context: RestoreContext,
): Promise<void> {
  try {
    await loadParts(tables, access.connections, context, async (signal, work) => {
      const connection = await openWriter(access, signal);
      const abort = (): void => endAtOnce(connection);
      signal.addEventListener('abort', abort, { once: true });
      try {
        const { flavour } = await readServerVersion(connection);
        await work(async ({ table }, content) => {
          const statement = loadStatement(database, table.facts, flavour);
          const { rows, skipped, warnings } = await loadData(connection, statement, content).catch(explained);
          if (warnings > 0 || skipped > 0) await refuseChanged(connection, table);
          return rows - skipped;
        });
      } finally {
        signal.removeEventListener('abort', abort);
        endAtOnce(connection);
      }
    });
  } catch (error) {
    throw serverError(access, error, context.signal, `database ${database}`);
  }
}

/** Types whose values are not taken from bytes of no character set, as which all come. */
const TEXT_ONLY: Readonly<Record<ServerVersion['flavour'], ReadonlySet<string>>> = {
  MySQL: new Set(['json']),
  MariaDB: new Set(['uuid', 'inet4', 'inet6']),
};

function loadStatement(database: string, table: TableFacts, flavour: ServerVersion['flavour']): string {
  const columns = readColumns(table);
  const variable = (name: string): string => `@strongroom_${columns.indexOf(name)}`;
  const sets = new Map<string, string>();
  for (const { name, type } of table.columns) {
    if (TEXT_ONLY[flavour].has(type)) sets.set(name, `CONVERT(${variable(name)} USING utf8mb4)`);
    else if (isIllegible(type)) sets.set(name, `${variable(name)} + 0`);
  }
  const targets = columns.map((name) => (sets.has(name) ? variable(name) : quoted(name)));
  const set = [...sets].map(([name, expression]) => `${quoted(name)} = ${expression}`);
  return [
    `LOAD DATA LOCAL INFILE 'strongroom' INTO TABLE ${qualified(database, table.name)} CHARACTER SET binary`,
    `FIELDS TERMINATED BY '\\t' ESCAPED BY '\\\\' LINES TERMINATED BY '\\n'`,
    `(${targets.join(', ')})${set.length === 0 ? '' : ` SET ${set.join(', ')}`}`,
  ].join(' ');
}

/** With `LOCAL` the server changes what it can't take, and goes on; that is no restore. */
async function refuseChanged(connection: Connection, { name, facts }: TableToLoad<TableFacts>): Promise<void> {
  const enumerations = facts.columns.filter(({ type }) => ENUM.test(type));
  const warnings = await rowsOf<{ Code: number; Message: string }>(connection, 'SHOW WARNINGS');
  const bad = warnings.find(
    ({ Code, Message }) =>
      Code !== TRUNCATED || !enumerations.some(({ name: column }) => Message.includes(`'${column}'`)),
  );
  if (bad === undefined) return;
  throw new StrongroomError('RESTORE_FAILED', { subject: `table ${name}`, reason: bad.Message });
}

function explained(error: unknown): never {
  const disabled = error instanceof Error && 'errno' in error && LOCAL_DISABLED.has(Number(error.errno));
  if (!disabled) throw error;
  const reason = 'the server refuses LOAD DATA LOCAL; SET GLOBAL local_infile = 1 for the time of the restore';
  throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason }, { cause: error });
}
