/** Restores databases of a server. */
import type { RestoreEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { chosenTables } from './chosen-tables.ts';
import { withConnection } from './connection.ts';
import { readFacts } from './facts.ts';
import { heldDatabases } from './held-databases.ts';
import { readJournal } from './journal.ts';
import { namesFor } from './restore-names.ts';
import { type DatabaseRestore, type Plan, restoreDatabase, stateOf } from './restore-database.ts';
import { readServerVersion } from './server.ts';
import { giveRights, makeMissingUsers, type OpenGrants } from './users.ts';

/** Restores every database among `entries`. Throws `RESTORE_CONFLICT`, before anything is changed, and what the server says. */
export async function restoreDatabases(entries: AsyncIterable<RestoreEntry>, restore: DatabaseRestore): Promise<void> {
  const { databases, users } = await heldDatabases(entries);
  const { access, request, nameFor, context } = restore;
  if (request.target.kind === 'database' && databases.length > 1) {
    const reason = `${databases.length} databases can't all become ${request.target.name}`;
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
  }
  const plans: Plan[] = [];
  for (const held of databases) {
    const facts = await readFacts(held.facts.read());
    const { includeTables } = request;
    const tables = includeTables === undefined ? facts.tables : chosenTables(facts, includeTables);
    plans.push({
      held,
      facts,
      tables,
      whole: includeTables === undefined,
      names: namesFor(nameFor(held.name), context.restoreId),
    });
  }
  if (request.policy === 'FAIL') for (const plan of plans) await refuseOccupied(restore, plan);
  const rights = users === undefined ? [] : await makeUsers(users, restore);
  for (const plan of plans) await restoreDatabase(plan, restore);
  if (rights.length > 0) {
    await withConnection(access, context.signal, (connection) => giveRights(connection, rights));
  }
}

/** Before all else: views need those who own them. */
async function makeUsers(users: RestoreEntry, { access, context }: DatabaseRestore): Promise<OpenGrants> {
  const rights = await withConnection(access, context.signal, async (connection) =>
    makeMissingUsers(connection, await readServerVersion(connection), users.read()),
  );
  context.done({ path: users.path, kind: 'file', bytes: users.size });
  return rights;
}

/** With `FAIL` a database must be empty, and chosen tables must be absent, unless an earlier attempt has put them there. */
async function refuseOccupied({ access, context }: DatabaseRestore, { names, tables, whole }: Plan): Promise<void> {
  const state = await withConnection(access, context.signal, async (connection) => ({
    earlier: await readJournal(connection, names),
    ...(await stateOf(connection, names.live)),
  }));
  if (state.earlier !== undefined) return;
  const wanted = new Set(tables.map(({ name }) => name));
  const occupied = whole ? state.tables : state.tables.filter(({ name }) => wanted.has(name));
  const [first] = occupied;
  if (first === undefined) return;
  throw new StrongroomError('RESTORE_CONFLICT', {
    count: occupied.length,
    first: `${first.kind} ${first.name} in database ${names.live}`,
  });
}
