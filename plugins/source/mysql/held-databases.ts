/** What a snapshot holds of databases, sorted out of its entries. */
import type { StoredEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { placeOf, usersFile } from './layout.ts';

export interface HeldDatabase<E extends StoredEntry> {
  readonly name: string;
  readonly facts: E;
  readonly script: E | undefined;
  /** Parts by table, each in order. */
  readonly rows: ReadonlyMap<string, readonly E[]>;
}

export interface HeldSource<E extends StoredEntry> {
  readonly databases: readonly HeldDatabase<E>[];
  /** What is told of the server's users. */
  readonly users: E | undefined;
}

interface Building<E> {
  facts?: E;
  script?: E;
  readonly rows: Map<string, E[]>;
}

/** All databases among `entries`; throws `RESTORE_TARGET_UNSUITABLE` where there is none that is whole. */
export async function heldDatabases<E extends StoredEntry>(entries: AsyncIterable<E>): Promise<HeldSource<E>> {
  let users: E | undefined;
  const found = new Map<string, Building<E>>();
  for await (const entry of entries) {
    if (entry.path.toString() === usersFile) users = entry;
    const place = entry.kind === 'file' ? placeOf(entry.path) : undefined;
    if (place === undefined) continue;
    const database: Building<E> = found.get(place.database) ?? { rows: new Map() };
    found.set(place.database, database);
    if (place.kind !== 'rows') {
      database[place.kind] = entry;
      continue;
    }
    const parts = database.rows.get(place.table);
    if (parts === undefined) database.rows.set(place.table, [entry]);
    else parts.push(entry);
  }
  const whole = [...found].flatMap(([name, { facts, script, rows }]) =>
    facts === undefined ? [] : [{ name, facts, script, rows }],
  );
  if (whole.length > 0 && whole.length === found.size) return { databases: whole, users };
  const reason =
    'a part of a database is no database: choose its tables by name, or restore these files into a directory';
  throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
}
