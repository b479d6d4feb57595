/** What a restore replaces, written down on the server before it does, so that any later attempt can go on or go back. */
import type { Connection } from 'mysql2/promise';
import { z } from 'zod';
import { databaseExists } from './chosen-databases.ts';
import { rowsOf } from './connection.ts';
import { foreignKeys, programs } from './facts.ts';
import { qualified, quoted } from './quoting.ts';
import type { RestoreNames } from './restore-names.ts';

const shape = z.object({
  /** The database, and whether it was there before. */
  live: z.string(),
  existed: z.boolean(),
  /** Whether it is replaced as a whole. */
  whole: z.boolean(),
  /** Tables of the live database that are replaced. */
  replaced: z.array(z.string()),
  /** Tables that come in their place. */
  added: z.array(z.string()),
  /** Programs that are replaced: all of the database, or the triggers of its tables. */
  programs,
  /** Foreign keys of tables that stay, which want tables that are replaced. */
  outsiders: foreignKeys,
  /** That of the database before. */
  collation: z.string().regex(/^\w+$/),
});

export type Journal = z.output<typeof shape>;

/** `begun` before the exchange, `done` after it, `undone` instead of it, `reverted` after another one back. */
export type Progress = 'begun' | 'done' | 'undone' | 'reverted';

/** Where a journal lies. */
export type JournalNames = Pick<RestoreNames, 'before' | 'begun' | 'done' | 'undone' | 'reverted'>;

/** Makes the database for what is replaced, with the journal in it. */
export async function writeJournal(connection: Connection, names: JournalNames, journal: Journal): Promise<void> {
  await connection.query(`DROP DATABASE IF EXISTS ${quoted(names.before)}`);
  await connection.query(`CREATE DATABASE ${quoted(names.before)} CHARACTER SET utf8mb4`);
  const table = qualified(names.before, names.begun);
  await connection.query(`CREATE TABLE ${table} (content LONGTEXT NOT NULL) ENGINE = InnoDB CHARACTER SET utf8mb4`);
  await connection.query(`INSERT INTO ${table} VALUES (?)`, [JSON.stringify(journal)]);
}

/** What an earlier attempt has written down, and how far it came; `undefined` where there was none. */
export async function readJournal(
  connection: Connection,
  names: JournalNames,
): Promise<{ readonly progress: Progress; readonly journal: Journal } | undefined> {
  if (!(await databaseExists(connection, names.before))) return undefined;
  const tables = await rowsOf<{ name: string }>(
    connection,
    'SELECT TABLE_NAME AS name FROM information_schema.TABLES WHERE TABLE_SCHEMA = ?',
    [names.before],
  );
  const there = new Set(tables.map(({ name }) => name));
  const progress = (['begun', 'done', 'undone', 'reverted'] as const).find((state) => there.has(names[state]));
  if (progress === undefined) return undefined;
  const [row] = await rowsOf<{ content: string }>(
    connection,
    `SELECT content FROM ${qualified(names.before, names[progress])}`,
  );
  if (row === undefined) return undefined;
  return { progress, journal: shape.parse(JSON.parse(row.content)) };
}
