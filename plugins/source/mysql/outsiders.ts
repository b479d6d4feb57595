/** Tables that stay, and want by foreign keys tables that are replaced. */
import type { Connection } from 'mysql2/promise';
import { StrongroomError } from '../../../src/errors.ts';
import { rowsOf } from './connection.ts';
import { addForeignKey, foreignKeysIn, foreignKeysTo, orphanQuery, type PlacedForeignKey } from './foreign-keys.ts';
import { qualified, quoted } from './quoting.ts';

/** Their keys; with the database that they refer to said, so that they mean the same wherever they are read. */
export async function outsidersOf(
  connection: Connection,
  { live, beside }: { readonly live: string; readonly beside: string },
  leaving: readonly string[],
): Promise<readonly PlacedForeignKey[]> {
  const gone = new Set(leaving);
  const keys = await foreignKeysTo(connection, live);
  return keys
    .filter(({ database, table, key }) => gone.has(key.referencedTable) && !(database === live && gone.has(table)))
    .filter(({ database }) => database !== beside)
    .map((placed) => withDatabase(placed, live));
}

const withDatabase = (placed: PlacedForeignKey, database: string): PlacedForeignKey => ({
  ...placed,
  key: { ...placed.key, referencedDatabase: database },
});

/**
 * Has foreign keys of other tables refer to the tables that have come: they have followed those that they referred to, to the database `from`. What they
 * say has been proved before. `known` are those that an earlier attempt may have dropped without making them anew.
 */
export async function turnForeignKeys(
  connection: Connection,
  { from, to }: { readonly from: string; readonly to: string },
  known: readonly PlacedForeignKey[],
): Promise<void> {
  const followed = (await foreignKeysTo(connection, from)).filter(({ database }) => database !== from);
  for (const { database, table, key } of followed) {
    await connection.query(`ALTER TABLE ${qualified(database, table)} DROP FOREIGN KEY ${quoted(key.name)}`);
  }
  const wanted = [...followed.map((placed) => withDatabase(placed, to)), ...known];
  const there = new Set<string>();
  for (const database of new Set(wanted.map((placed) => placed.database))) {
    for (const placed of await foreignKeysIn(connection, database)) there.add(identityOf(placed));
  }
  for (const placed of wanted) {
    const { database, table, key } = placed;
    if (there.has(identityOf(placed)) || !(await isTable(connection, database, table))) continue;
    there.add(identityOf(placed));
    await connection.query(
      `ALTER TABLE ${qualified(database, table)} ${addForeignKey(key, key.referencedDatabase ?? to)}`,
    );
  }
}

const identityOf = ({ database, table, key }: PlacedForeignKey): string => JSON.stringify([database, table, key.name]);

/** Whether a database holds a table of that name. */
export async function isTable(connection: Connection, database: string, name: string): Promise<boolean> {
  const found = await rowsOf(
    connection,
    'SELECT 1 FROM information_schema.TABLES WHERE TABLE_SCHEMA = ? AND TABLE_NAME = ?',
    [database, name],
  );
  return found.length > 0;
}

/** Throws `RESTORE_TARGET_UNSUITABLE` for a key that the new tables would break: nothing is changed then. */
export async function proveOutsiders(
  connection: Connection,
  { beside }: { readonly beside: string },
  outsiders: readonly PlacedForeignKey[],
  coming: readonly string[],
): Promise<void> {
  for (const { database, table, key } of outsiders) {
    const refuse = (why: string): never => {
      const reason = `table ${database}.${table} stays, and its foreign key ${key.name} ${why}`;
      throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
    };
    if (!coming.includes(key.referencedTable)) refuse(`wants table ${key.referencedTable}, which is not in the backup`);
    const query = orphanQuery(key, qualified(database, table), qualified(beside, key.referencedTable));
    const [orphan] = await rowsOf(connection, query);
    if (orphan !== undefined) refuse(`wants rows that the table ${key.referencedTable} of the backup does not have`);
  }
}
