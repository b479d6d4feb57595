/** Makes and drops views, routines, triggers and events in a database. */
import type { Connection } from 'mysql2/promise';
import { ErrorNumber, numberOf, rowsOf } from './connection.ts';
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

/** What a view can't be made for: it names a table, column, function or right that is not there, or reads a view whose definer is not. */
const MISSING: ReadonlySet<number | undefined> = new Set([1146, 1054, 1305, 1356, 1049, ErrorNumber.definerMissing]);
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
  const [row] = await rowsOf<{ collation: string }>(connection, 'SELECT @@collation_database AS collation');
  const failed: FailedView[] = [];
  for (const kind of ORDER) {
    const ofKind = programs.filter((program) => program.kind === kind);
    failed.push(...(await makeInSomeOrder(connection, { database, collation: row?.collation ?? '' }, ofKind)));
  }
  // Names are in Unicode again.
  await connection.query('SET NAMES utf8mb4');
  return failed;
}

interface Place {
  readonly database: string;
  readonly collation: string;
}

/** Tries those again that failed, as long as others did not. */
async function makeInSomeOrder(
  connection: Connection,
  place: Place,
  programs: readonly Program[],
): Promise<readonly FailedView[]> {
  let waiting = programs;
  for (;;) {
    const failed = new Map<Program, string>();
    for (const program of waiting) {
      try {
        await makeProgram(connection, place, program);
      } catch (error) {
        if (program.kind !== 'view' || !MISSING.has(numberOf(error))) throw error;
        failed.set(program, error instanceof Error ? error.message : String(error));
      }
    }
    if (failed.size === 0 || failed.size === waiting.length) {
      return [...failed].map(([{ name }, reason]) => ({ name, reason }));
    }
    waiting = [...failed.keys()];
  }
}

/** With the settings that it was made with; its words are sent in Unicode, so another character set is set only where it makes no difference. */
async function makeProgram(
  connection: Connection,
  { database, collation: own }: Place,
  program: Program,
): Promise<void> {
  const { create, sqlMode, characterSet, collation, databaseCollation, timeZone } = program;
  const same = UNICODE.test(characterSet) || ASCII.test(create);
  await connection.query(
    `SET SESSION sql_mode = ${literal(sqlMode)}, character_set_client = ${same ? characterSet : 'utf8mb4'}, collation_connection = ${collation}`,
  );
  if (timeZone !== null) await connection.query(`SET SESSION time_zone = ${literal(timeZone)}`);
  if (databaseCollation === null || databaseCollation === own) {
    await connection.query(create);
    return;
  }
  // Its texts are of the character set that the database had then, for which no setting of a session can stand.
  const collate = (wanted: string): Promise<unknown> =>
    connection.query(`ALTER DATABASE ${quoted(database)} COLLATE ${wanted}`);
  await collate(databaseCollation);
  try {
    await connection.query(create);
  } finally {
    await collate(own);
  }
}

/** Drops them where they are there; packages are known in one mode only, in which the session is left. */
export async function dropPrograms(
  connection: Connection,
  database: string,
  programs: readonly Pick<Program, 'kind' | 'name'>[],
): Promise<void> {
  for (const { kind, name } of programs) {
    if (kind.startsWith('package')) await connection.query(`SET SESSION sql_mode = 'ORACLE'`);
    await connection.query(`DROP ${kind.toUpperCase()} IF EXISTS ${qualified(database, name)}`);
  }
}
