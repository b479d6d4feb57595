/** Databases that a restore replaced and kept: brought back, or let go of. */
import type pg from 'pg';
import { type ServerAccess, withClient } from './connection.ts';
import { databaseExists, databasesMarked, dropDatabase } from './databases.ts';
import { beforeSuffix, maintenanceOf, namesFor } from './restore-names.ts';
import { swapDatabases } from './swap.ts';

interface Kept {
  /** The restored database, in use. */
  readonly live: string;
  /** The one that was there before. */
  readonly before: string;
}

async function keptBy(client: pg.Client, restoreId: string): Promise<readonly Kept[]> {
  const kept: Kept[] = [];
  for (const live of await databasesMarked(client, restoreId)) {
    const { before } = namesFor(live, restoreId);
    if (await databaseExists(client, before)) kept.push({ live, before });
  }
  return kept;
}

/** Swaps each database back, and drops the restored one; answers how many there were. */
export async function revertDatabases(access: ServerAccess, restoreId: string): Promise<number> {
  const kept = await withClient(access, access.maintenanceDatabase, (client) => keptBy(client, restoreId));
  for (const { live, before } of kept) {
    const admin = maintenanceOf(access, live);
    const { beside } = namesFor(live, restoreId);
    await swapDatabases(access, admin, { live, beside: before, before: beside });
    await withClient(access, admin, (client) => dropDatabase(client, beside));
  }
  return kept.length;
}

/** Drops what was kept, also where the restored database has been replaced since; fine where nothing is. */
export async function discardDatabases(access: ServerAccess, restoreId: string): Promise<void> {
  await withClient(access, access.maintenanceDatabase, async (client) => {
    const { rows } = await client.query<{ name: string }>(
      `SELECT datname::text AS name FROM pg_catalog.pg_database WHERE right(datname, length($1)) = $1`,
      [beforeSuffix(restoreId)],
    );
    for (const { name } of rows) await dropDatabase(client, name);
  });
}
