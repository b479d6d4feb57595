/** What a snapshot holds of databases, sorted out of its entries. */
import type { StoredEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { clusterFile, placeOf } from './layout.ts';

export interface HeldDatabase<E extends StoredEntry> {
  readonly name: string;
  readonly facts: E;
  readonly schema: E;
  readonly largeObjects: E | undefined;
  /** Parts by table, each in order. Tables are named as `keyOf` does. */
  readonly rows: ReadonlyMap<string, readonly E[]>;
}

/** Names a table so that no two have the same. */
export const keyOf = (schema: string, table: string): string => JSON.stringify([schema, table]);

interface Building<E> {
  facts?: E;
  schema?: E;
  largeObjects?: E;
  readonly rows: Map<string, E[]>;
}

export interface HeldSource<E extends StoredEntry> {
  readonly databases: readonly HeldDatabase<E>[];
  /** What is told of the server. */
  readonly cluster: E | undefined;
}

/** All databases among `entries`; throws `RESTORE_TARGET_UNSUITABLE` where there is none that is whole. */
export async function heldDatabases<E extends StoredEntry>(entries: AsyncIterable<E>): Promise<HeldSource<E>> {
  let cluster: E | undefined;
  const found = new Map<string, Building<E>>();
  for await (const entry of entries) {
    if (entry.path.toString() === clusterFile) cluster = entry;
    const place = entry.kind === 'file' ? placeOf(entry.path) : undefined;
    if (place === undefined) continue;
    const database: Building<E> = found.get(place.database) ?? { rows: new Map() };
    found.set(place.database, database);
    if (place.kind !== 'rows') {
      database[place.kind] = entry;
      continue;
    }
    const key = keyOf(place.schema, place.table);
    const parts = database.rows.get(key);
    if (parts === undefined) database.rows.set(key, [entry]);
    else parts.push(entry);
  }
  const whole = [...found].flatMap(([name, { facts, schema, largeObjects, rows }]) =>
    facts === undefined || schema === undefined ? [] : [{ name, facts, schema, largeObjects, rows }],
  );
  if (whole.length > 0 && whole.length === found.size) return { databases: whole, cluster };
  const reason =
    'a part of a database is no database: choose its tables by name, or restore these files into a directory';
  throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
}
