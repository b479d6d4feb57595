/** Opens SQLite databases, and says what is wrong with them in the words of the catalogue. */
import { setImmediate } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import type { TableInfo } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { isMissing } from '../directory/warnings.ts';

/** How long one call waits for the lock of another process, in milliseconds. */
const LOCK_TIMEOUT = 1_000;
/** How many such waits make a database count as out of reach. */
const MOST_WAITS = 30;

const BUSY = 5;
const CANT_OPEN = 14;
const DAMAGED: ReadonlySet<number> = new Set([11, 26]);
const DENIED: ReadonlySet<number> = new Set([3, 8, CANT_OPEN, 23]);

/** Opens a database that is there; `SOURCE_MISSING`, `SOURCE_DENIED`, `SOURCE_DAMAGED` or `SOURCE_UNAVAILABLE`. */
export function openDatabase(path: string, options: { readonly readOnly: boolean }): DatabaseSync {
  try {
    const database = new DatabaseSync(path, { ...options, timeout: LOCK_TIMEOUT, enableForeignKeyConstraints: false });
    return database;
  } catch (error) {
    throw sqliteError(path, error);
  }
}

/** Begins to read: from here on, what the connection sees does not change. Others may keep it waiting for a while. */
export async function beginReading(database: DatabaseSync, signal: AbortSignal): Promise<void> {
  for (let waits = 1; ; waits++) {
    try {
      database.exec('BEGIN; SELECT count(*) FROM sqlite_schema');
      return;
    } catch (error) {
      if (database.isTransaction) database.exec('ROLLBACK');
      if (!isBusy(error) || waits === MOST_WAITS) throw error;
    }
    await setImmediate();
    throwIfCancelled(signal);
  }
}

const isBusy = (thrown: unknown): boolean =>
  thrown instanceof Error &&
  'errcode' in thrown &&
  typeof thrown.errcode === 'number' &&
  (thrown.errcode & 0xff) === BUSY;

/** A thrown SQLite error as one of the catalogue; any other value unchanged. */
export function sqliteError(subject: string, thrown: unknown): unknown {
  if (isMissing(thrown)) return new StrongroomError('SOURCE_MISSING', { subject }, { cause: thrown });
  if (!(thrown instanceof Error) || !('errcode' in thrown) || typeof thrown.errcode !== 'number') return thrown;
  const code = thrown.errcode & 0xff;
  const reason = thrown.message;
  if (DAMAGED.has(code)) return new StrongroomError('SOURCE_DAMAGED', { subject, reason }, { cause: thrown });
  if (DENIED.has(code)) return new StrongroomError('SOURCE_DENIED', { subject, reason }, { cause: thrown });
  return new StrongroomError('SOURCE_UNAVAILABLE', { reason: `${subject}: ${reason}` }, { cause: thrown });
}

/** Names of the tables that hold rows of their own, ascending. */
export function tableNames(database: DatabaseSync): readonly string[] {
  const rows = database
    .prepare(
      `SELECT name FROM sqlite_schema WHERE type = 'table' AND rootpage > 0 AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY name`,
    )
    .all();
  return rows.map((row) => String(row['name']));
}

/** Tables with their rows, and their bytes with all indexes; one table after the other, pausing between them. */
export async function* describeTables(database: DatabaseSync, signal: AbortSignal): AsyncGenerator<TableInfo> {
  const bytes = database.prepare(
    `SELECT sum(pgsize) AS bytes FROM dbstat WHERE aggregate = TRUE AND name IN (SELECT name FROM sqlite_schema WHERE tbl_name = ?)`,
  );
  for (const name of tableNames(database)) {
    await setImmediate();
    throwIfCancelled(signal);
    const rows = database.prepare(`SELECT count(*) AS rows FROM ${quoted(name)}`).get();
    yield { name, rows: Number(rows?.['rows']), bytes: Number(bytes.get(name)?.['bytes']) };
  }
}

/** Throws `SOURCE_DAMAGED` unless every table of the database and each of its indexes is whole. */
export async function proveIntegrity(database: DatabaseSync, subject: string, signal: AbortSignal): Promise<void> {
  try {
    for (const name of ['sqlite_schema', ...tableNames(database)]) {
      await setImmediate();
      throwIfCancelled(signal);
      const found = database.prepare(`PRAGMA integrity_check(${quoted(name)})`).get();
      const verdict = String(Object.values(found ?? {})[0]);
      if (verdict !== 'ok') throw new StrongroomError('SOURCE_DAMAGED', { subject, reason: verdict.slice(0, 1_000) });
    }
  } catch (error) {
    throw sqliteError(subject, error);
  }
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;
