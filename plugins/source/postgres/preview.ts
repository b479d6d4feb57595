/** What a restore would do to a database and the tables in it now. */
import type { ConflictPolicy, PreviewItem, StoredEntry } from '../../../src/contracts/index.ts';
import { withClient } from './connection.ts';
import type { ServerAccess } from './connection.ts';
import { databaseExists } from './databases.ts';
import { listTables } from './tables.ts';

/** One item for the database, then one for each table that is there now. */
export async function* previewDatabase(
  entries: AsyncIterable<StoredEntry>,
  access: ServerAccess,
  name: string,
  policy: ConflictPolicy,
): AsyncGenerator<PreviewItem> {
  let bytes = 0;
  for await (const entry of entries) bytes += entry.size;
  const subject = `database ${name}`;
  const exists = await withClient(access, access.maintenanceDatabase, (client) => databaseExists(client, name));
  if (!exists) {
    yield { action: 'ADD', subject, bytes };
    return;
  }
  const tables = await withClient(access, name, (client) => listTables(client));
  if (policy === 'SKIP') yield { action: 'KEEP', subject, bytes: 0, reason: 'it is there already' };
  else if (policy === 'OVERWRITE' || tables.length === 0) {
    yield { action: 'CHANGE', subject, bytes, reason: 'it is replaced as a whole' };
  } else yield { action: 'CONFLICT', subject, bytes: 0, reason: `it holds ${counted(tables.length, 'table')}` };
  const action = policy === 'SKIP' ? 'KEEP' : policy === 'OVERWRITE' ? 'CHANGE' : 'CONFLICT';
  for (const table of tables) {
    const reason =
      table.rows === undefined ? 'it holds rows that nobody counted' : `about ${counted(table.rows, 'row')} now`;
    yield { action, subject: `table ${table.name}`, bytes: 0, reason };
  }
}

const counted = (count: number, noun: string): string => `${count} ${noun}${count === 1 ? '' : 's'}`;
