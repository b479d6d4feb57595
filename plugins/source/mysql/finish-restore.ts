/** What comes after the exchange of tables; all of it may be done again. */
import { dropPrograms, makePrograms } from './apply-programs.ts';
import { withConnection } from './connection.ts';
import { turnForeignKeys } from './outsiders.ts';
import { readJournal } from './journal.ts';
import { programNames } from './programs.ts';
import { quoted } from './quoting.ts';
import type { DatabaseRestore, RestorePlan } from './restore-plan.ts';
import { withWriter } from './restore-session.ts';
import { turnSequenceDefaults } from './sequence-defaults.ts';

/** Makes what names the tables find those that came: foreign keys, defaults, views, routines, triggers and events. */
export async function finishRestore(
  { names, whole, facts, tables, programs }: RestorePlan,
  { access, context }: DatabaseRestore,
): Promise<void> {
  const { live } = names;
  await withWriter(access, context.signal, async (connection) => {
    const earlier = await readJournal(connection, names);
    await turnForeignKeys(connection, { from: names.before, to: live }, earlier?.journal.outsiders ?? []);
    await turnSequenceDefaults(connection, live, tables);
    if (whole) {
      const { characterSet, collation } = facts;
      await connection.query(`ALTER DATABASE ${quoted(live)} CHARACTER SET ${characterSet} COLLATE ${collation}`);
      await dropPrograms(connection, live, await programNames(connection, live));
    } else await dropPrograms(connection, live, programs);
    await makePrograms(connection, live, programs);
  });
}

/** Lets go of what is not to be kept, and reports what is done. */
export async function settleRestore(
  { held, names, inPlace }: RestorePlan,
  { access, request, context }: DatabaseRestore,
): Promise<void> {
  const { keepPrevious, signal } = context;
  const existed = await withConnection(access, signal, async (connection) => {
    const { existed: there = false } = (await readJournal(connection, names))?.journal ?? {};
    await connection.query(`DROP DATABASE IF EXISTS ${quoted(names.beside)}`);
    if (!keepPrevious || !there) await connection.query(`DROP DATABASE IF EXISTS ${quoted(names.before)}`);
    return there;
  });
  if (keepPrevious && existed) context.kept();
  // What was loaded is reported already, unless an earlier attempt did it.
  const rows = inPlace ? [...held.rows.values()].flat() : [];
  for (const { path, size } of [held.facts, ...(held.script === undefined ? [] : [held.script]), ...rows]) {
    context.done({ path, kind: 'file', bytes: size });
  }
  if (inPlace) for (const table of request.tables ?? []) context.table(table);
}
