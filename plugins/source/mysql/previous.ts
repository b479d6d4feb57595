/** What a restore has replaced and kept: brought back, or let go of. */
import { rowsOf, type ServerAccess, withConnection } from './connection.ts';
import { goBack } from './go-back.ts';
import { readJournal } from './journal.ts';
import { quoted } from './quoting.ts';
import { beforeSuffix, namesFor } from './restore-names.ts';

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

/** Drops what was kept, whatever has become of the database since; fine where nothing is. What was on its way back goes on. */
export async function discardKept(access: ServerAccess, restoreId: string, signal: AbortSignal): Promise<void> {
  for (const before of await keptBy(access, restoreId, signal)) {
    const places = { ...namesFor('', restoreId), before };
    const kept = await withConnection(access, signal, (connection) => readJournal(connection, places));
    if (kept !== undefined && kept.progress !== 'done') {
      await goBack(access, namesFor(kept.journal.live, restoreId), signal);
      continue;
    }
    await withConnection(access, signal, (connection) => connection.query(`DROP DATABASE IF EXISTS ${quoted(before)}`));
  }
}
