/**
 * Restores databases beside the live ones and exchanges their tables, so that nothing is ever half done:
 *
 *     <name>_strongroom_<8 hex digits>   is filled; dropped in the end, however it ends
 *     <name>_before_<8 hex digits>       gets what is replaced, with a journal of it; dropped unless it is to be kept
 *
 * Views, routines, triggers and events can't be exchanged: they were tried beside, and are made right after. All databases are filled before the first is
 * exchanged. If anything fails all of them go back; if the process ends in the middle, the next attempt finds in the journals how far it came.
 */
import type { RestoreEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { withConnection } from './connection.ts';
import { finishRestore, settleRestore } from './finish-restore.ts';
import { goBack } from './go-back.ts';
import { heldDatabases } from './held-databases.ts';
import { replaceTables } from './replace-tables.ts';
import { type DatabaseRestore, planRestore, type RestorePlan } from './restore-plan.ts';
import { readServerVersion } from './server.ts';
import { stageTables, tryPrograms } from './stage.ts';
import { dropUsers, giveRights, type MadeUsers, makeMissingUsers } from './users.ts';

/** Restores every database among `entries`. Throws `RESTORE_CONFLICT`, before anything is changed, and what the server says. */
export async function restoreDatabases(entries: AsyncIterable<RestoreEntry>, restore: DatabaseRestore): Promise<void> {
  const { databases, users } = await heldDatabases(entries);
  const { request } = restore;
  if (request.target.kind === 'database' && databases.length > 1) {
    const reason = `${databases.length} databases can't all become ${request.target.name}`;
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
  }
  const plans: RestorePlan[] = [];
  for (const held of databases) {
    const plan = await planRestore(held, restore);
    if (plan !== undefined) plans.push(plan);
  }
  const made = users === undefined ? undefined : await makeUsers(users, restore);
  try {
    await carryOut(plans, restore, made);
  } catch (error) {
    // What can't be undone is told instead: the next attempt goes on from there.
    await undo(plans, restore, made);
    throw error;
  }
  for (const plan of plans) await settleRestore(plan, restore);
}

async function carryOut(
  plans: readonly RestorePlan[],
  restore: DatabaseRestore,
  made: MadeUsers | undefined,
): Promise<void> {
  for (const plan of plans) {
    if (plan.inPlace) continue;
    await stageTables(plan, restore);
    await tryPrograms(plan, restore);
  }
  for (const plan of plans) if (!plan.inPlace) await replaceTables(plan, restore);
  for (const plan of plans) await finishRestore(plan, restore);
  if (made === undefined) return;
  const { access, context } = restore;
  await withConnection(access, context.signal, (connection) => giveRights(connection, made));
}

/** Also if the restore was cancelled. */
async function undo(
  plans: readonly RestorePlan[],
  { access }: DatabaseRestore,
  made: MadeUsers | undefined,
): Promise<void> {
  const { signal } = new AbortController();
  for (const { names } of plans) await goBack(access, names, signal);
  if (made !== undefined) await withConnection(access, signal, (connection) => dropUsers(connection, made));
}

/** Before all else: views need those who own them. */
async function makeUsers(users: RestoreEntry, { access, context }: DatabaseRestore): Promise<MadeUsers> {
  const made = await withConnection(access, context.signal, async (connection) =>
    makeMissingUsers(connection, await readServerVersion(connection), users.read()),
  );
  context.done({ path: users.path, kind: 'file', bytes: users.size });
  return made;
}
