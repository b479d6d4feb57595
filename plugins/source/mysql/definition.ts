/** What a table, view or sequence is, as the server writes it. */
import type { Connection } from 'mysql2/promise';
import { rowsOf } from './connection.ts';
import type { TableFacts } from './facts.ts';
import type { FoundTable } from './found-tables.ts';
import { qualified } from './quoting.ts';

/**
 * The statement that makes it. Names of tables in its own database are written without the database, where that is the current one; in
 * foreign keys always.
 */
export async function definitionOf(
  connection: Connection,
  { database, name, kind }: Pick<FoundTable, 'database' | 'name' | 'kind'>,
): Promise<string> {
  const what = kind === 'sequence' ? 'SEQUENCE' : 'TABLE';
  const [row] = await rowsOf<Readonly<Record<string, string | Buffer>>>(
    connection,
    `SHOW CREATE ${what} ${qualified(database, name)}`,
  );
  const text = row?.['Create Table'] ?? row?.['Create View'] ?? '';
  return text.toString();
}

/** The statement that has a new sequence go on where another one was; its name is quoted. */
export const advance = (sequence: string, { next, rounds }: Pick<TableFacts, 'next' | 'rounds'>): string =>
  `DO SETVAL(${sequence}, ${next}, 0, ${rounds})`;

/** A definition without the next number of its automatic column, which changes with the rows. */
export const withoutNextNumber = (definition: string): string =>
  definition.replace(/(\n\) ENGINE=\S+) AUTO_INCREMENT=\d+/, '$1');
