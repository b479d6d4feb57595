/**
 * How databases lie in a snapshot:
 *
 *     databases/<name>/database.json           what the database is: all definitions, as the server wrote them
 *     databases/<name>/schema.sql              the same as a script for the server's client, for people
 *     databases/<name>/tables/<table>/<part>   rows as text, as LOAD DATA reads them; parts ascend
 *     users.json                               users and roles of the server, if they are wanted
 *
 * Everything is there in that order. The rows of the parts, one after the other, are the rows of the table.
 */
import { nameOf } from '../database/segments.ts';

export const usersFile = 'users.json';
export const databasesFolder = 'databases';
export const factsFile = 'database.json';
export const scriptFile = 'schema.sql';
export const tablesFolder = 'tables';

/** Where an entry belongs. */
export type Place =
  | { readonly kind: 'facts' | 'script'; readonly database: string }
  | { readonly kind: 'rows'; readonly database: string; readonly table: string; readonly part: number };

/** What a file of a snapshot is; `undefined` for what this version does not know. */
export function placeOf(path: Buffer): Place | undefined {
  const [top, databaseSegment, file, table, part, ...more] = path.toString().split('/');
  if (top !== databasesFolder || databaseSegment === undefined || more.length > 0) return undefined;
  const database = nameOf(databaseSegment);
  if (file === tablesFolder && table !== undefined && /^\d+$/.test(part ?? '')) {
    return { kind: 'rows', database, table: nameOf(table), part: Number(part) };
  }
  if (table !== undefined) return undefined;
  if (file === factsFile) return { kind: 'facts', database };
  return file === scriptFile ? { kind: 'script', database } : undefined;
}
