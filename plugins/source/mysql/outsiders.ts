/** Tables that stay, and want by foreign keys tables that are replaced. */
import type { Connection } from 'mysql2/promise';
import { StrongroomError } from '../../../src/errors.ts';
import { rowsOf } from './connection.ts';
import { foreignKeysTo, orphanQuery, type PlacedForeignKey } from './foreign-keys.ts';
import { qualified } from './quoting.ts';

/** Their keys; with the database that they refer to said, so that they mean the same wherever they are read. */
export async function outsidersOf(
  connection: Connection,
  live: string,
  leaving: readonly string[],
): Promise<readonly PlacedForeignKey[]> {
  const gone = new Set(leaving);
  const keys = await foreignKeysTo(connection, live);
  return keys
    .filter(({ database, table, key }) => gone.has(key.referencedTable) && !(database === live && gone.has(table)))
    .map((placed) => ({ ...placed, key: { ...placed.key, referencedDatabase: live } }));
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
