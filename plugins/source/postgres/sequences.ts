/** Where sequences stand. They stand outside of every snapshot: what is read is at least what the rows have used. */
import type { SequenceFacts } from './facts.ts';
import { qualified } from './found-tables.ts';
import { literal } from './quoting.ts';

type Ask = <R extends Record<string, unknown>>(text: string) => Promise<readonly R[]>;

/** Sequences in one statement. */
const AT_ONCE = 200;

const SEQUENCES = `
  SELECT n.nspname::text AS schema, c.relname::text AS name, format('%I.%I', n.nspname, c.relname) AS label,
         CASE WHEN c.relkind = 'S' THEN has_sequence_privilege(c.oid, 'SELECT') END AS readable
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE c.relkind = 'S' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
     AND (c.oid = ANY (SELECT unnest(extconfig) FROM pg_catalog.pg_extension)
          OR NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                          WHERE d.classid = 'pg_catalog.pg_class'::regclass AND d.objid = c.oid AND d.deptype = 'e'))
   ORDER BY 1, 2`;

export interface FoundSequences {
  readonly readable: readonly SequenceFacts[];
  /** Those that the user may not read. */
  readonly denied: readonly DeniedSequence[];
}

export interface DeniedSequence {
  readonly schema: string;
  readonly name: string;
  /** Schema and name as PostgreSQL writes them. */
  readonly label: string;
}

/** All sequences. */
export async function readSequences(ask: Ask): Promise<FoundSequences> {
  const all = await ask<{ schema: string; name: string; label: string; readable: boolean }>(SEQUENCES);
  const names = all.filter(({ readable }) => readable);
  const found: SequenceFacts[] = [];
  for (let at = 0; at < names.length; at += AT_ONCE) {
    const some = names.slice(at, at + AT_ONCE).map(({ schema, name }) => ({ schema, name }));
    const selects = some.map(
      (sequence, position) =>
        `SELECT ${position} AS position, last_value::text AS value, is_called AS called FROM ${qualified(sequence)}`,
    );
    const rows = await ask<{ position: number; value: string; called: boolean }>(selects.join(' UNION ALL '));
    for (const { position, value, called } of rows) {
      const sequence = some[position];
      if (sequence !== undefined) found.push({ ...sequence, value, called });
    }
  }
  return { readable: found, denied: all.filter(({ readable }) => !readable) };
}

/** Statements that set those sequences again that are there. */
export function* setSequences(sequences: readonly SequenceFacts[]): Generator<string> {
  for (let at = 0; at < sequences.length; at += AT_ONCE) {
    const values = sequences
      .slice(at, at + AT_ONCE)
      .map((sequence) => `(${literal(qualified(sequence))}, ${BigInt(sequence.value)}::int8, ${sequence.called})`);
    yield `SELECT pg_catalog.setval(pg_catalog.to_regclass(name), value, called)
             FROM (VALUES ${values.join(', ')}) AS sequence (name, value, called) WHERE pg_catalog.to_regclass(name) IS NOT NULL`;
  }
}
