/** Fills a database beside the live one. */
import type { Connection } from 'mysql2/promise';
import { StrongroomError } from '../../../src/errors.ts';
import type { TableToLoad } from '../database/load-parts.ts';
import { dropPrograms, makePrograms } from './apply-programs.ts';
import { advance } from './definition.ts';
import type { TableFacts } from './facts.ts';
import { addForeignKey } from './foreign-keys.ts';
import { loadRows } from './load-rows.ts';
import { isTable } from './outsiders.ts';
import { qualified, quoted } from './quoting.ts';
import type { DatabaseRestore, RestorePlan } from './restore-plan.ts';
import { withWriter } from './restore-session.ts';
import { definitionBeside, type SequencePlaces } from './sequence-defaults.ts';

/**
 * Makes the tables, with rows, indexes and foreign keys. Keys that want tables which are not restored refer to those of the live database,
 * whose rows are looked at. Throws `RESTORE_FAILED`.
 */
export async function stageTables(plan: RestorePlan, restore: DatabaseRestore): Promise<void> {
  const { facts, tables, names } = plan;
  const { live, beside } = names;
  const { access, context } = restore;
  await withWriter(access, context.signal, async (connection) => {
    await connection.query(`DROP DATABASE IF EXISTS ${quoted(beside)}`);
    const { characterSet, collation } = facts;
    await connection.query(`CREATE DATABASE ${quoted(beside)} CHARACTER SET ${characterSet} COLLATE ${collation}`);
    await connection.query(`USE ${quoted(beside)}`);
    const restored = new Set(tables.filter(({ kind }) => kind === 'sequence').map(({ name }) => name));
    const places = { restored, beside, live };
    // Tables may ask sequences.
    for (const table of tables) if (table.kind === 'sequence') await makeTable(connection, places, table);
    for (const table of tables) if (table.kind === 'table') await makeTable(connection, places, table);
  });
  await loadRows(access, beside, toLoad(plan, restore), context);
  await proveForeignKeys(plan, restore);
}

/** Makes those anew that want tables which are not restored, with a look at all rows. */
async function proveForeignKeys(
  { tables, names: { live, beside } }: RestorePlan,
  { access, context }: DatabaseRestore,
): Promise<void> {
  const among = new Set(tables.map(({ name }) => name));
  await withWriter(access, context.signal, async (connection) => {
    for (const table of tables) {
      for (const key of table.foreignKeys) {
        if (key.referencedDatabase === null && among.has(key.referencedTable)) continue;
        // A database that is not there yet: the key waits for it.
        const elsewhere = key.referencedDatabase;
        if (elsewhere !== null && !(await isTable(connection, elsewhere, key.referencedTable))) continue;
        const alter = `ALTER TABLE ${qualified(beside, table.name)}`;
        await connection.query(`SET SESSION foreign_key_checks = 0`);
        await connection.query(`${alter} DROP FOREIGN KEY ${quoted(key.name)}`);
        await connection.query(`SET SESSION foreign_key_checks = 1`);
        context.step(`foreign key ${key.name} of table ${table.name}`);
        try {
          await connection.query(`${alter} ${addForeignKey(key, key.referencedDatabase ?? live)}`);
        } catch (error) {
          const reason = `foreign key ${key.name} does not hold: ${error instanceof Error ? error.message : String(error)}`;
          throw new StrongroomError('RESTORE_FAILED', { subject: `table ${table.name}`, reason }, { cause: error });
        }
      }
    }
  });
}

async function makeTable(connection: Connection, places: SequencePlaces, table: TableFacts): Promise<void> {
  const { name, kind } = table;
  try {
    await connection.query(definitionBeside(table, places));
    if (kind === 'sequence') await connection.query(advance(qualified(places.beside, name), table));
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('RESTORE_FAILED', { subject: `${kind} ${name}`, reason }, { cause: error });
  }
}

/** The files of rows. Throws `RESTORE_FAILED` where some are missing. */
function toLoad(
  { held, tables }: RestorePlan,
  { request, labelOf }: DatabaseRestore,
): readonly TableToLoad<TableFacts>[] {
  const expected = new Map((request.tables ?? []).map((table) => [table.name, table]));
  return tables
    .filter(({ parts }) => parts > 0)
    .map((facts) => {
      const name = labelOf(held.name, facts.name);
      const parts = held.rows.get(facts.name) ?? [];
      if (parts.length === facts.parts) return { name, facts, parts, expected: expected.get(name) };
      const reason = `${facts.parts} files of rows were backed up, and ${parts.length} are there`;
      throw new StrongroomError('RESTORE_FAILED', { subject: `table ${name}`, reason });
    });
}

/**
 * Makes the programs beside, to know that they can be made before anything is changed; of events only the live database has any,
 * since they would run. Warns of views that can't be made, which then are left out.
 */
export async function tryPrograms(
  { names, programs }: RestorePlan,
  { access, context }: DatabaseRestore,
): Promise<void> {
  const { beside, live } = names;
  const tried = programs.filter(({ kind }) => kind !== 'event');
  if (tried.length === 0) return;
  context.step('views, routines and triggers');
  await withWriter(access, context.signal, async (connection) => {
    const failed = await makePrograms(connection, beside, tried);
    for (const { name, reason } of failed) {
      const path = `view ${name} of database ${live}`;
      const { message } = new StrongroomError('RESTORE_SKIPPED', { path, reason });
      context.warn({ code: 'RESTORE_SKIPPED', subject: path, message });
    }
    await dropPrograms(connection, beside, tried);
  }).catch((error: unknown) => {
    const subject = `database ${live}`;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('RESTORE_FAILED', { subject, reason }, { cause: error });
  });
}
