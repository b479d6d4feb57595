/** What a restore has replaced and kept: brought back, or let go of. */
import type { Connection } from 'mysql2/promise';
import { dropPrograms, makePrograms } from './apply-programs.ts';
import { rowsOf, type ServerAccess, withConnection } from './connection.ts';
import { exchangeTables, turnForeignKeys } from './exchange.ts';
import type { Program } from './facts.ts';
import { findTables } from './found-tables.ts';
import { type Journal, readJournal } from './journal.ts';
import { programNames, readPrograms } from './programs.ts';
import { quoted } from './quoting.ts';
import { beforeSuffix, namesFor, type RestoreNames } from './restore-names.ts';
import { withWriter } from './restore-session.ts';
import { readServerVersion } from './server.ts';

/**
 * Puts everything where it was before a restore, however far that came, and drops what it had restored. May be done again; fine where there is
 * nothing to undo.
 */
export async function goBack(access: ServerAccess, names: RestoreNames, signal: AbortSignal): Promise<void> {
  const { live, beside, before } = names;
  const earlier = await withConnection(access, signal, (connection) => readJournal(connection, names));
  if (earlier?.progress === 'done') await exchangeBack(access, names, earlier.journal, signal);
  await withWriter(access, signal, async (connection) => {
    if (earlier !== undefined) {
      const { journal, progress } = earlier;
      await turnForeignKeys(connection, journal.outsiders);
      if (progress !== 'begun') await dropNewPrograms(connection, journal);
      await makeMissing(connection, journal);
      if (!journal.existed) await connection.query(`DROP DATABASE IF EXISTS ${quoted(live)}`);
    }
    await connection.query(`DROP DATABASE IF EXISTS ${quoted(beside)}`);
    await connection.query(`DROP DATABASE IF EXISTS ${quoted(before)}`);
  });
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
    const names = new Set(
      (await findTables(connection, await readServerVersion(connection), live)).map(({ name }) => name),
    );
    const leaving = added.filter((name) => names.has(name));
    const onThem = ({ kind, table }: Pick<Program, 'kind' | 'table'>): boolean =>
      kind === 'trigger' && leaving.includes(table ?? '');
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
async function dropNewPrograms(
  connection: Connection,
  { live, whole, added, replaced, collation, existed }: Journal,
): Promise<void> {
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

/** Databases that hold what a restore has replaced. */
const keptBy = (access: ServerAccess, restoreId: string, signal: AbortSignal): Promise<readonly string[]> =>
  withConnection(access, signal, async (connection) => {
    const suffix = beforeSuffix(restoreId);
    const rows = await rowsOf<{ name: string }>(
      connection,
      'SELECT SCHEMA_NAME AS name FROM information_schema.SCHEMATA WHERE RIGHT(SCHEMA_NAME, CHAR_LENGTH(?)) = ?',
      [suffix, suffix],
    );
    return rows.map(({ name }) => name);
  });

/** Brings back what a restore has replaced, in every database; answers in how many there was something. */
export async function revertRestore(access: ServerAccess, restoreId: string, signal: AbortSignal): Promise<number> {
  let reverted = 0;
  for (const before of await keptBy(access, restoreId, signal)) {
    const places = { ...namesFor('', restoreId), before };
    const kept = await withConnection(access, signal, (connection) => readJournal(connection, places));
    if (kept === undefined) continue;
    await goBack(access, namesFor(kept.journal.live, restoreId), signal);
    reverted += 1;
  }
  return reverted;
}

/** Drops what was kept, whatever has become of the database since; fine where nothing is. */
export async function discardKept(access: ServerAccess, restoreId: string, signal: AbortSignal): Promise<void> {
  for (const name of await keptBy(access, restoreId, signal)) {
    await withConnection(access, signal, (connection) => connection.query(`DROP DATABASE IF EXISTS ${quoted(name)}`));
  }
}
