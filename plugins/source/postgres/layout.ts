/**
 * How databases lie in a snapshot:
 *
 *     cluster.json                                      roles and tablespaces of the server, if they are wanted
 *     databases/<name>/database.json                    what the database is: its tables with their columns, its sequences
 *     databases/<name>/large-objects.dump               archive of pg_dump, where there are large objects
 *     databases/<name>/schema.dump                      archive of pg_dump: all definitions, no rows
 *     databases/<name>/tables/<schema>/<table>/<part>   rows as text, as COPY writes them; parts ascend
 *
 * Everything is there in that order. The rows of the parts, one after the other, are the rows of the table.
 */
import { nameOf } from '../database/segments.ts';

export const clusterFile = 'cluster.json';
export const databasesFolder = 'databases';
export const factsFile = 'database.json';
export const largeObjectsFile = 'large-objects.dump';
export const schemaFile = 'schema.dump';
export const tablesFolder = 'tables';

/** Where an entry belongs. */
export type Place =
  | { readonly kind: 'facts' | 'largeObjects' | 'schema'; readonly database: string }
  | {
      readonly kind: 'rows';
      readonly database: string;
      readonly schema: string;
      readonly table: string;
      readonly part: number;
    };

/** What a file of a snapshot is; `undefined` for what this version does not know. */
export function placeOf(path: Buffer): Place | undefined {
  const [top, databaseSegment, file, schema, table, part, ...more] = path.toString().split('/');
  if (top !== databasesFolder || databaseSegment === undefined || more.length > 0) return undefined;
  const database = nameOf(databaseSegment);
  if (file === tablesFolder && schema !== undefined && table !== undefined && /^\d+$/.test(part ?? '')) {
    return { kind: 'rows', database, schema: nameOf(schema), table: nameOf(table), part: Number(part) };
  }
  if (schema !== undefined) return undefined;
  if (file === factsFile) return { kind: 'facts', database };
  if (file === schemaFile) return { kind: 'schema', database };
  return file === largeObjectsFile ? { kind: 'largeObjects', database } : undefined;
}
