/** Defaults that take the next number of a sequence: the server writes which database the sequence is in. */
import type { Connection } from 'mysql2/promise';
import type { TableFacts } from './facts.ts';
import { qualified, quoted } from './quoting.ts';

const OF_SEQUENCE = /\b(nextval|lastval)\(`(?:[^`]|``)+`\.`((?:[^`]|``)+)`\)/g;

/** Whether an expression asks a sequence. */
export const asksSequence = (expression: string): boolean => expression.search(OF_SEQUENCE) >= 0;

/** An expression or definition whose sequences are those of other databases. */
const withSequencesIn = (text: string, databaseOf: (sequence: string) => string): string =>
  text.replaceAll(OF_SEQUENCE, (_, ask: string, name: string) => {
    const sequence = name.replaceAll('``', '`');
    return `${ask}(${qualified(databaseOf(sequence), sequence)})`;
  });

/** Where sequences are that are restored, and where the others. */
export interface SequencePlaces {
  readonly restored: ReadonlySet<string>;
  readonly beside: string;
  readonly live: string;
}

/** The definition of a table that is made beside. */
export const definitionBeside = (
  { create, sequenceDefaults }: TableFacts,
  { restored, beside, live }: SequencePlaces,
): string =>
  sequenceDefaults.length === 0
    ? create
    : withSequencesIn(create, (sequence) => (restored.has(sequence) ? beside : live));

/** Has tables that were made beside ask the sequences of the live database, now that those are there. May be done again. */
export async function turnSequenceDefaults(
  connection: Connection,
  live: string,
  tables: readonly TableFacts[],
): Promise<void> {
  for (const { name, sequenceDefaults } of tables) {
    if (sequenceDefaults.length === 0) continue;
    // All together: a table may not name a sequence that is not there any more.
    const turned = sequenceDefaults.map(
      ({ column, expression }) =>
        `ALTER COLUMN ${quoted(column)} SET DEFAULT (${withSequencesIn(expression, () => live)})`,
    );
    await connection.query(`ALTER TABLE ${qualified(live, name)} ${turned.join(', ')}`);
  }
}
