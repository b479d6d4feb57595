/** Makes and drops views, routines, triggers and events in a database. */
import type { Connection } from 'mysql2/promise';
import { numberOf } from './connection.ts';
import type { Program } from './facts.ts';
import { literal, qualified, quoted } from './quoting.ts';

/** In the order in which they are made: each kind may name those before it. */
const ORDER: readonly Program['kind'][] = [
  'function',
  'procedure',
  'package',
  'package body',
  'view',
  'trigger',
  'event',
];

/** What a view can't be made for: it names a table, column, function or right that is not there. */
const MISSING: ReadonlySet<number | undefined> = new Set([1146, 1054, 1305, 1356, 1049]);
const ASCII = /^[\x00-\x7f]*$/;
const UNICODE = /^utf8/;

/** A view that could not be made. */
export interface FailedView {
  readonly name: string;
  readonly reason: string;
}

/**
 * Makes them in `database`, and leaves the session's settings changed. Views are made in any order that works; those for which there is none are
 * answered: they did not work where they came from.
 */
export async function makePrograms(
  connection: Connection,
  database: string,
  programs: readonly Program[],
): Promise<readonly FailedView[]> {
  await connection.query(`USE ${quoted(database)}`);
  const failed: FailedView[] = [];
  for (const kind of ORDER) {
    let waiting = programs.filter((program) => program.kind === kind);
    for (let left = -1; waiting.length > 0 && waiting.length !== left;) {
      left = waiting.length;
      failed.length = 0;
      const again: Program[] = [];
      for (const program of waiting) {
        try {
          await makeProgram(connection, program);
        } catch (error) {
          if (kind !== 'view' || !MISSING.has(numberOf(error))) throw error;
          again.push(program);
          failed.push({ name: program.name, reason: error instanceof Error ? error.message : String(error) });
        }
      }
      waiting = again;
    }
  }
  return failed;
}

/** With the settings that it was made with; its words are sent in Unicode, so another character set is set only where it makes no difference. */
async function makeProgram(connection: Connection, program: Program): Promise<void> {
  const { create, sqlMode, characterSet, collation, timeZone } = program;
  const same = UNICODE.test(characterSet) || ASCII.test(create);
  await connection.query(
    `SET SESSION sql_mode = ${literal(sqlMode)}, character_set_client = ${same ? characterSet : 'utf8mb4'}, collation_connection = ${collation}`,
  );
  if (timeZone !== null) await connection.query(`SET SESSION time_zone = ${literal(timeZone)}`);
  await connection.query(create);
}

/** Drops them where they are there. */
export async function dropPrograms(
  connection: Connection,
  database: string,
  programs: readonly Pick<Program, 'kind' | 'name'>[],
): Promise<void> {
  for (const { kind, name } of programs) {
    await connection.query(`DROP ${kind.toUpperCase()} IF EXISTS ${qualified(database, name)}`);
  }
}
