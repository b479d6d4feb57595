/** What a backup says of a database besides its rows and definitions: `database.json`. */
import { z } from 'zod';
import { readJson } from '../database/read-json.ts';

const column = z.object({
  name: z.string(),
  /** As `format_type` writes it. */
  type: z.string(),
  notNull: z.boolean(),
  /** Computed by the server: in no copy of the rows. */
  generated: z.boolean(),
});

const table = z.object({
  schema: z.string(),
  name: z.string(),
  /** Schema and name as PostgreSQL writes them, in quotes where they need to be. */
  label: z.string(),
  kind: z.enum(['table', 'partitioned table', 'foreign table', 'view', 'materialized view']),
  /** Whether an extension makes it, perhaps with rows of its own. */
  ofExtension: z.boolean(),
  /** Whether it is part of a family of tables: a partition, or a parent or child by inheritance. */
  inherits: z.boolean(),
  columns: z.array(column),
  /** Files of rows that the backup has of it. */
  parts: z.int().min(0).max(999_999),
});

const facts = z.object({
  version: z.literal(1),
  server: z.object({ version: z.string(), major: z.int() }),
  database: z.string(),
  encoding: z.string(),
  collation: z.string(),
  characterType: z.string(),
  /** Size of all of it on the server, indexes counted. */
  bytes: z.number(),
  /** With `chosenTables`, definitions other than those of the tables are missing; with `withoutSome`, only some tables are. */
  scope: z.enum(['whole', 'withoutSome', 'chosenTables']),
  schemas: z.array(z.object({ name: z.string(), owner: z.string() })),
  /** Those that tables and indexes lie in, besides the database's own. */
  tablespaces: z.array(z.string()),
  extensions: z.array(z.object({ name: z.string(), version: z.string() })),
  tables: z.array(table),
  /** Where the sequences stood; as text, since they go beyond what a number of JSON holds. */
  sequences: z.array(
    z.object({ schema: z.string(), name: z.string(), value: z.string().regex(/^-?\d{1,19}$/), called: z.boolean() }),
  ),
});

export type DatabaseFacts = z.output<typeof facts>;
export type TableFacts = z.output<typeof table>;
export type ColumnFacts = z.output<typeof column>;
export type SequenceFacts = DatabaseFacts['sequences'][number];

/** A million columns take about 80 MB. */
const MOST_BYTES = 256 * 2 ** 20;

export const writeFacts = (found: DatabaseFacts): Buffer => Buffer.from(`${JSON.stringify(found)}\n`);

/** Reads the facts of a backup; see `readJson`. */
export const readFacts = (content: AsyncIterable<Uint8Array>): Promise<DatabaseFacts> =>
  readJson(content, facts, MOST_BYTES);
