/** Has tables that were filled beside take the place of those in the live database. */
import type { Connection } from 'mysql2/promise';
import { dropPrograms } from './apply-programs.ts';
import { rowsOf } from './connection.ts';
import { exchangeTables } from './exchange.ts';
import { type Journal, writeJournal } from './journal.ts';
import { outsidersOf, proveOutsiders } from './outsiders.ts';
import { readPrograms } from './programs.ts';
import { quoted } from './quoting.ts';
import { type DatabaseRestore, refuseOccupied, type RestorePlan, stateOf, touchedBy } from './restore-plan.ts';
import { withWriter } from './restore-session.ts';

/** Writes down what is replaced, and replaces it. Throws `RESTORE_CONFLICT` for what has come there since the plan was made, where the policy protects it. */
export async function replaceTables(plan: RestorePlan, { access, request, context }: DatabaseRestore): Promise<void> {
  const { names } = plan;
  const { signal } = context;
  context.step('taking the place of what was there');
  const journal = await withWriter(access, signal, async (connection) => {
    const written = await describeChange(connection, plan, request.policy !== 'OVERWRITE');
    await writeJournal(connection, names, written);
    // A view may have the name of a table that comes.
    const coming = new Set(written.added);
    const inTheWay = written.programs.filter(({ kind, name }) => kind === 'view' && coming.has(name));
    await dropPrograms(connection, names.live, inTheWay);
    return written;
  });
  await exchangeTables({
    access,
    live: names.live,
    leaving: journal.replaced,
    to: names.before,
    coming: journal.added,
    from: names.beside,
    marker: { database: names.before, from: names.begun, to: names.done },
    triggers: journal.programs.filter(({ kind }) => kind === 'trigger'),
    // Nobody can see half of a database that was not there.
    atOnce: journal.existed,
    signal,
  });
}

/** What there is now: much may have changed since the restore began. */
async function describeChange(connection: Connection, plan: RestorePlan, isProtected: boolean): Promise<Journal> {
  const { names, whole, facts, tables } = plan;
  const { exists, tables: now } = await stateOf(connection, names.live);
  if (isProtected) refuseOccupied(names.live, touchedBy(plan, now));
  const added = tables.filter(({ kind }) => kind !== 'view').map(({ name }) => name);
  const coming = new Set(added);
  const replaced = now
    .filter(({ kind, name }) => kind !== 'view' && (whole || coming.has(name)))
    .map(({ name }) => name);
  if (!exists) {
    const { characterSet, collation } = facts;
    await connection.query(`CREATE DATABASE ${quoted(names.live)} CHARACTER SET ${characterSet} COLLATE ${collation}`);
  }
  await connection.query(`USE ${quoted(names.live)}`);
  const leaving = new Set(replaced);
  const programs = await readPrograms(
    connection,
    names.live,
    ({ kind, table, name }) =>
      whole || (kind === 'trigger' ? leaving.has(table ?? '') : kind === 'view' && coming.has(name)),
  );
  const outsiders = await outsidersOf(connection, names, replaced);
  await proveOutsiders(connection, names, outsiders, added);
  const collation = await collationOf(connection, names.live);
  return {
    live: names.live,
    existed: exists,
    whole,
    replaced,
    added,
    programs: [...programs],
    outsiders: [...outsiders],
    collation,
  };
}

async function collationOf(connection: Connection, database: string): Promise<string> {
  const [row] = await rowsOf<{ collation: string }>(
    connection,
    'SELECT DEFAULT_COLLATION_NAME AS collation FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = ?',
    [database],
  );
  return row?.collation ?? '';
}
