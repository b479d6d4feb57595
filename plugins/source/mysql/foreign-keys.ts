/** Foreign keys: read from the catalogue, and written as clauses. */
import type { Connection } from 'mysql2/promise';
import { rowsOf } from './connection.ts';
import type { ForeignKey } from './facts.ts';
import { qualified, quoted } from './quoting.ts';

/** A key with the table that has it. */
export interface PlacedForeignKey {
  readonly database: string;
  readonly table: string;
  readonly key: ForeignKey;
}

interface Row {
  readonly database: string;
  readonly table: string;
  readonly name: string;
  readonly column: string;
  readonly referencedDatabase: string;
  readonly referencedTable: string;
  readonly referencedColumn: string;
  readonly onUpdate: string;
  readonly onDelete: string;
}

const KEYS = `
  SELECT k.TABLE_SCHEMA AS \`database\`, k.TABLE_NAME AS \`table\`, k.CONSTRAINT_NAME AS name, k.COLUMN_NAME AS \`column\`,
         k.REFERENCED_TABLE_SCHEMA AS referencedDatabase, k.REFERENCED_TABLE_NAME AS referencedTable,
         k.REFERENCED_COLUMN_NAME AS referencedColumn, r.UPDATE_RULE AS onUpdate, r.DELETE_RULE AS onDelete
    FROM information_schema.KEY_COLUMN_USAGE k
    JOIN information_schema.REFERENTIAL_CONSTRAINTS r
      ON r.CONSTRAINT_SCHEMA = k.CONSTRAINT_SCHEMA AND r.CONSTRAINT_NAME = k.CONSTRAINT_NAME AND r.TABLE_NAME = k.TABLE_NAME
   WHERE k.REFERENCED_TABLE_NAME IS NOT NULL AND`;
const ORDER = 'ORDER BY k.TABLE_SCHEMA, k.TABLE_NAME, k.CONSTRAINT_NAME, k.ORDINAL_POSITION';

/** Those that tables of a database have. */
export const foreignKeysIn = async (connection: Connection, database: string): Promise<readonly PlacedForeignKey[]> =>
  keysOf(await rowsOf<Row>(connection, `${KEYS} k.TABLE_SCHEMA = ? ${ORDER}`, [database]));

/** Those that want tables of a database, wherever they are. */
export const foreignKeysTo = async (connection: Connection, database: string): Promise<readonly PlacedForeignKey[]> =>
  keysOf(await rowsOf<Row>(connection, `${KEYS} k.REFERENCED_TABLE_SCHEMA = ? ${ORDER}`, [database]));

function keysOf(rows: readonly Row[]): readonly PlacedForeignKey[] {
  const grouped = Map.groupBy(rows, ({ database, table, name }) => JSON.stringify([database, table, name]));
  return [...grouped.values()].flatMap((columns) => {
    const [first] = columns;
    if (first === undefined) return [];
    const { database, table, name, referencedDatabase, referencedTable, onUpdate, onDelete } = first;
    const key = {
      name,
      columns: columns.map(({ column }) => column),
      referencedDatabase: referencedDatabase === database ? null : referencedDatabase,
      referencedTable,
      referencedColumns: columns.map(({ referencedColumn }) => referencedColumn),
      onUpdate,
      onDelete,
    };
    return [{ database, table, key }];
  });
}

const listed = (names: readonly string[]): string => names.map(quoted).join(', ');

/** The clause of `ALTER TABLE`, for a key whose other table lies in `referencedDatabase`. */
export const addForeignKey = (key: ForeignKey, referencedDatabase: string): string =>
  [
    `ADD CONSTRAINT ${quoted(key.name)} FOREIGN KEY (${listed(key.columns)})`,
    `REFERENCES ${qualified(referencedDatabase, key.referencedTable)} (${listed(key.referencedColumns)})`,
    ...actionOf('DELETE', key.onDelete),
    ...actionOf('UPDATE', key.onUpdate),
  ].join(' ');

/** What is meant where nothing is said; to say it makes `NO ACTION` of it in MariaDB 10.11. */
const actionOf = (on: 'DELETE' | 'UPDATE', action: string): readonly string[] =>
  action === 'RESTRICT' ? [] : [`ON ${on} ${action}`];

/** A query that answers a row if some row of `child` misses what it refers to in `parent`. */
export function orphanQuery(key: ForeignKey, child: string, parent: string): string {
  const given = key.columns.map((column) => `c.${quoted(column)} IS NOT NULL`);
  const equal = key.columns.map((column, at) => `p.${quoted(key.referencedColumns[at] ?? '')} = c.${quoted(column)}`);
  return `SELECT 1 AS found FROM ${child} c WHERE ${given.join(' AND ')} AND NOT EXISTS (SELECT 1 FROM ${parent} p WHERE ${equal.join(' AND ')}) LIMIT 1`;
}
