/** What a restore has replaced and kept: brought back, or let go of. */
import { dropPrograms, makePrograms } from './apply-programs.ts';
import { rowsOf, type ServerAccess, withConnection } from './connection.ts';
import { exchangeTables, turnForeignKeys } from './exchange.ts';
import { type Journal, readJournal } from './journal.ts';
import { programNames, readPrograms } from './programs.ts';
import { quoted } from './quoting.ts';
import { beforeSuffix, namesFor, type RestoreNames } from './restore-names.ts';
import { withWriter } from './restore-session.ts';

/**
 * Puts everything where it was before a restore, whose exchange may have taken place or not, and drops what it had restored. May be done again.
 */
export async function goBack(
  access: ServerAccess,
  names: RestoreNames,
  journal: Journal,
  signal: AbortSignal,
): Promise<void> {
  const { live, beside, before } = names;
  const { whole } = journal;
  const progress = await withConnection(access, signal, async (connection) => {
    return (await readJournal(connection, names))?.progress;
  });
  if (progress === 'done') {
    const triggers = await withWriter(access, signal, async (connection) => {
      await connection.query(`CREATE DATABASE IF NOT EXISTS ${quoted(beside)}`);
      await connection.query(`USE ${quoted(live)}`);
      return readPrograms(
        connection,
        live,
        ({ kind, table }) => kind === 'trigger' && journal.added.includes(table ?? ''),
      );
    });
    await exchangeTables({
      access,
      live,
      leaving: journal.added,
      to: beside,
      coming: journal.replaced,
      from: before,
      marker: { database: before, from: names.done, to: names.reverted },
      triggers,
      signal,
    });
  }
  await withWriter(access, signal, async (connection) => {
    await turnForeignKeys(connection, journal.outsiders);
    if (whole && journal.existed) await connection.query(`ALTER DATABASE ${quoted(live)} COLLATE ${journal.collation}`);
    const now = await programNames(connection, live);
    const replaced = new Set([...journal.replaced, ...journal.added]);
    const gone = whole ? now : now.filter(({ kind, table }) => kind === 'trigger' && replaced.has(table ?? ''));
    await dropPrograms(connection, live, gone);
    if (!journal.existed) await connection.query(`DROP DATABASE IF EXISTS ${quoted(live)}`);
    else await makePrograms(connection, live, journal.programs);
    await connection.query(`DROP DATABASE IF EXISTS ${quoted(beside)}`);
    await connection.query(`DROP DATABASE IF EXISTS ${quoted(before)}`);
  });
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
    await goBack(access, namesFor(kept.journal.live, restoreId), kept.journal, signal);
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
