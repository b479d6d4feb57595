/** Undoes a restore, however far it came. */
import type { Connection } from 'mysql2/promise';
import { dropPrograms, makePrograms } from './apply-programs.ts';
import { ErrorNumber, numberOf, rowsOf, type ServerAccess, withConnection } from './connection.ts';
import { exchangeTables } from './exchange.ts';
import type { Program } from './facts.ts';
import { type Journal, readJournal } from './journal.ts';
import { turnForeignKeys } from './outsiders.ts';
import { programNames, readPrograms } from './programs.ts';
import { qualified, quoted } from './quoting.ts';
import type { RestoreNames } from './restore-names.ts';
import { withWriter } from './restore-session.ts';

/**
 * Puts everything where it was before a restore, and drops what it had restored. May be done again; fine where there is nothing to undo. Nothing
 * that was replaced is ever dropped: the database that holds it goes last, when it is empty.
 */
export async function goBack(access: ServerAccess, names: RestoreNames, signal: AbortSignal): Promise<void> {
  const { live, beside, before } = names;
  await withWriter(access, signal, (connection) => holdBack(connection, names));
  const earlier = await withConnection(access, signal, (connection) => readJournal(connection, names));
  if (earlier?.progress === 'done') await exchangeBack(access, names, earlier.journal, signal);
  await withWriter(access, signal, async (connection) => {
    if (earlier !== undefined) {
      const { journal, progress } = earlier;
      if (progress === 'undone') await gather(connection, names, journal);
      else await dropNewPrograms(connection, journal);
      await turnForeignKeys(connection, { from: beside, to: live }, journal.outsiders);
      await makeMissing(connection, journal);
      const now = await tablesIn(connection, live);
      if (!journal.existed && now.size === 0) await connection.query(`DROP DATABASE IF EXISTS ${quoted(live)}`);
    }
    await connection.query(`DROP DATABASE IF EXISTS ${quoted(before)}`);
    await connection.query(`DROP DATABASE IF EXISTS ${quoted(beside)}`);
  });
}

/** An exchange that has not taken place can not do so after this: the table that it renames has another name. */
async function holdBack(connection: Connection, { before, begun, undone }: RestoreNames): Promise<void> {
  try {
    await connection.query(`RENAME TABLE ${qualified(before, begun)} TO ${qualified(before, undone)}`);
  } catch (error) {
    const number = numberOf(error);
    if (number !== ErrorNumber.noSuchTable && number !== ErrorNumber.unknownDatabase) throw error;
  }
}

/**
 * Brings back what an exchange has renamed that did not come to its end: servers that do not undo such a statement as a whole leave a part of
 * it behind. Tables of the restore are those that are not beside any more.
 */
async function gather(connection: Connection, names: RestoreNames, { added, replaced }: Journal): Promise<void> {
  const { live, beside, before } = names;
  const [there, staged, aside] = [
    await tablesIn(connection, live),
    await tablesIn(connection, beside),
    await tablesIn(connection, before),
  ];
  const gone = replaced.filter((name) => aside.has(name));
  const stays = new Set(replaced.filter((name) => !aside.has(name)));
  const arrived =
    staged.size === 0 ? [] : added.filter((name) => there.has(name) && !staged.has(name) && !stays.has(name));
  const renames = [
    ...arrived.map((name) => `${qualified(live, name)} TO ${qualified(beside, name)}`),
    ...gone.map((name) => `${qualified(before, name)} TO ${qualified(live, name)}`),
  ];
  if (renames.length > 0) await connection.query(`RENAME TABLE ${renames.join(', ')}`);
}

async function tablesIn(connection: Connection, database: string): Promise<ReadonlySet<string>> {
  const rows = await rowsOf<{ name: string }>(
    connection,
    `SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_TYPE <> 'VIEW'`,
    [database],
  );
  return new Set(rows.map(({ name }) => name));
}

async function exchangeBack(
  access: ServerAccess,
  { live, beside, before, done, reverted }: RestoreNames,
  { added, replaced }: Journal,
  signal: AbortSignal,
): Promise<void> {
  const now = await withWriter(access, signal, async (connection) => {
    await connection.query(`CREATE DATABASE IF NOT EXISTS ${quoted(beside)}`);
    await connection.query(`USE ${quoted(live)}`);
    const ours = new Set([...added, ...replaced]);
    const leaving = [...(await tablesIn(connection, live))].filter((name) => ours.has(name));
    const there = new Set(leaving);
    const onThem = ({ kind, table }: Pick<Program, 'kind' | 'table'>): boolean =>
      kind === 'trigger' && there.has(table ?? '');
    return { leaving, triggers: await readPrograms(connection, live, onThem) };
  });
  const marker = { database: before, from: done, to: reverted };
  await exchangeTables({
    access,
    live,
    ...now,
    to: beside,
    coming: replaced,
    from: before,
    marker,
    signal,
    atOnce: true,
  });
}

/** All that the restore had made, and whatever came after it. */
async function dropNewPrograms(connection: Connection, journal: Journal): Promise<void> {
  const { live, whole, added, replaced, collation, existed } = journal;
  if (whole && existed) await connection.query(`ALTER DATABASE ${quoted(live)} COLLATE ${collation}`);
  const tables = new Set([...replaced, ...added]);
  const now = await programNames(connection, live);
  const gone = whole ? now : now.filter(({ kind, table }) => kind === 'trigger' && tables.has(table ?? ''));
  await dropPrograms(connection, live, gone);
}

async function makeMissing(connection: Connection, { live, programs, existed }: Journal): Promise<void> {
  if (!existed) return;
  const key = ({ kind, name }: Pick<Program, 'kind' | 'name'>): string => `${kind} ${name}`;
  const there = new Set((await programNames(connection, live)).map(key));
  await makePrograms(
    connection,
    live,
    programs.filter((program) => !there.has(key(program))),
  );
}
