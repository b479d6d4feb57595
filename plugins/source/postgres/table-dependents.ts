/** What hangs on a table and has to follow when another one takes its place. */
import type pg from 'pg';
import { StrongroomError } from '../../../src/errors.ts';
import { qualified } from './found-tables.ts';
import { quoted } from './quoting.ts';

export interface TableName {
  readonly schema: string;
  readonly name: string;
}

/** Statements to run before the old table leaves, and after the new one has come. */
export interface Rebinding {
  readonly before: readonly string[];
  readonly after: readonly string[];
}

interface ForeignKey {
  readonly child: string;
  readonly name: string;
  readonly definition: string;
}

interface View {
  readonly oid: number;
  readonly view: string;
  readonly kind: string;
  readonly definition: string;
  readonly options: readonly string[] | null;
}

/** Foreign keys of other tables that refer to one of these. */
const FOREIGN_KEYS = `
  SELECT format('%I.%I', n.nspname, c.relname) AS child, k.conname::text AS name, pg_get_constraintdef(k.oid) AS definition
    FROM pg_catalog.pg_constraint k
    JOIN pg_catalog.pg_class c ON c.oid = k.conrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE k.contype = 'f' AND k.confrelid = ANY ($1::oid[]) AND NOT k.conrelid = ANY ($1::oid[]) AND k.conparentid = 0
   ORDER BY 1, 2`;

/** Views that read one of these. */
const VIEWS = `
  SELECT DISTINCT c.oid::int8::float8 AS oid, format('%I.%I', n.nspname, c.relname) AS view, c.relkind::text AS kind,
         pg_get_viewdef(c.oid) AS definition, c.reloptions AS options
    FROM pg_catalog.pg_depend d
    JOIN pg_catalog.pg_rewrite r ON d.classid = 'pg_catalog.pg_rewrite'::regclass AND r.oid = d.objid
    JOIN pg_catalog.pg_class c ON c.oid = r.ev_class JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = ANY ($1::oid[]) AND NOT c.oid = ANY ($1::oid[])
   ORDER BY 1`;

const PUBLICATIONS = `
  SELECT p.pubname::text AS publication, format('%I.%I', n.nspname, c.relname) AS table
    FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
    JOIN pg_catalog.pg_class c ON c.oid = r.prrelid JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
   WHERE r.prrelid = ANY ($1::oid[]) ORDER BY 1, 2`;

/** Publications that publish a part of one of these: which one would be lost. */
const PARTLY_PUBLISHED = `
  SELECT 'publication ' || p.pubname || ', by a filter or chosen columns,' AS what
    FROM pg_catalog.pg_publication_rel r JOIN pg_catalog.pg_publication p ON p.oid = r.prpubid
   WHERE r.prrelid = ANY ($1::oid[]) AND (to_jsonb(r) ->> 'prqual' IS NOT NULL OR to_jsonb(r) ->> 'prattrs' IS NOT NULL) LIMIT 1`;

/** Whatever else depends on a table or the type of its rows from outside: it would go on to mean the old one. */
const OTHERS = `
  SELECT pg_describe_object(d.classid, d.objid, d.objsubid) AS what
    FROM pg_catalog.pg_depend d
   WHERE d.deptype = 'n'
     AND ((d.refclassid = 'pg_catalog.pg_class'::regclass AND d.refobjid = ANY ($1::oid[]))
          OR (d.refclassid = 'pg_catalog.pg_type'::regclass
              AND d.refobjid IN (SELECT unnest(ARRAY[reltype, typarray]) FROM pg_catalog.pg_class c
                                   JOIN pg_catalog.pg_type t ON t.oid = c.reltype WHERE c.oid = ANY ($1::oid[]))))
     AND d.classid <> ALL (ARRAY['pg_catalog.pg_rewrite', 'pg_catalog.pg_constraint', 'pg_catalog.pg_publication_rel']::regclass[])
     AND NOT (d.classid = 'pg_catalog.pg_policy'::regclass
              AND EXISTS (SELECT FROM pg_catalog.pg_policy p WHERE p.oid = d.objid AND p.polrelid = ANY ($1::oid[])))
     AND NOT (d.classid = 'pg_catalog.pg_trigger'::regclass
              AND EXISTS (SELECT FROM pg_catalog.pg_trigger t WHERE t.oid = d.objid AND t.tgrelid = ANY ($1::oid[])))
     AND NOT (d.classid = 'pg_catalog.pg_attrdef'::regclass
              AND EXISTS (SELECT FROM pg_catalog.pg_attrdef a WHERE a.oid = d.objid AND a.adrelid = ANY ($1::oid[])))
     AND NOT (d.classid = 'pg_catalog.pg_class'::regclass
              AND EXISTS (SELECT FROM pg_catalog.pg_index i WHERE i.indexrelid = d.objid AND i.indrelid = ANY ($1::oid[])))
     AND NOT (d.classid = 'pg_catalog.pg_statistic_ext'::regclass
              AND EXISTS (SELECT FROM pg_catalog.pg_statistic_ext s WHERE s.oid = d.objid AND s.stxrelid = ANY ($1::oid[])))
   ORDER BY 1 LIMIT 1`;

/**
 * How what hangs on these tables is taken along: foreign keys are made anew, and checked; views read the new table under the same names.
 * Throws `RESTORE_TARGET_UNSUITABLE` for what can't be. The names in definitions are whole: run it with an empty `search_path`.
 */
export async function rebindingOf(client: pg.Client, oids: readonly number[]): Promise<Rebinding> {
  const others = await client.query<{ what: string }>(OTHERS, [oids]);
  const views = await client.query<View>(VIEWS, [oids]);
  const stored = views.rows.find(({ kind }) => kind !== 'v');
  const partly = await client.query<{ what: string }>(PARTLY_PUBLISHED, [oids]);
  const hanging =
    others.rows[0]?.what ??
    partly.rows[0]?.what ??
    (stored === undefined ? undefined : `materialized view ${stored.view}`);
  if (hanging !== undefined) {
    const reason = `${hanging} depends on a table that is to be replaced; restore into another schema or database instead`;
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
  }
  const keys = await client.query<ForeignKey>(FOREIGN_KEYS, [oids]);
  const published = await client.query<{ publication: string; table: string }>(PUBLICATIONS, [oids]);
  return {
    before: [
      ...keys.rows.map(({ child, name }) => `ALTER TABLE ${child} DROP CONSTRAINT ${quoted(name)}`),
      ...published.rows.map(({ publication, table }) => `ALTER PUBLICATION ${quoted(publication)} DROP TABLE ${table}`),
    ],
    after: [
      ...views.rows.map(
        ({ view, definition, options }) =>
          `CREATE OR REPLACE VIEW ${view}${options === null ? '' : ` WITH (${options.join(', ')})`} AS ${definition}`,
      ),
      ...keys.rows.map(
        ({ child, name, definition }) => `ALTER TABLE ${child} ADD CONSTRAINT ${quoted(name)} ${definition}`,
      ),
      ...published.rows.map(({ publication, table }) => `ALTER PUBLICATION ${quoted(publication)} ADD TABLE ${table}`),
    ],
  };
}

/** The oids of those tables that are there. */
export async function oidsOf(client: pg.Client, tables: readonly TableName[]): Promise<readonly number[]> {
  const { rows } = await client.query<{ oid: number }>(
    `SELECT to_regclass(name)::oid::int8::float8 AS oid FROM unnest($1::text[]) AS name WHERE to_regclass(name) IS NOT NULL`,
    [tables.map(qualified)],
  );
  return rows.map(({ oid }) => oid);
}
