/** What a backup says of a database besides its rows: `database.json`. All definitions are there, as the server wrote them. */
import { z } from 'zod';
import { readJson } from '../database/read-json.ts';

const column = z.object({
  name: z.string(),
  /** As in `CREATE TABLE`: `varchar(20)`. */
  type: z.string(),
  notNull: z.boolean(),
  /** Computed by the server: not among the rows' values. */
  generated: z.boolean(),
});

/** A key of a table that another one must have. */
const foreignKey = z.object({
  name: z.string(),
  columns: z.array(z.string()),
  /** Null for the table's own database. */
  referencedDatabase: z.string().nullable(),
  referencedTable: z.string(),
  referencedColumns: z.array(z.string()),
  onUpdate: z.string().regex(/^[A-Z ]+$/),
  onDelete: z.string().regex(/^[A-Z ]+$/),
});

const table = z.object({
  name: z.string(),
  kind: z.enum(['table', 'view', 'sequence']),
  columns: z.array(column),
  /** Columns of a table with history, which say when a row was there; null for others, and where history is left out. */
  period: z.object({ start: z.string(), end: z.string() }).nullable(),
  create: z.string(),
  foreignKeys: z.array(foreignKey),
  /** Defaults that ask a sequence, as the server writes them. */
  sequenceDefaults: z.array(z.object({ column: z.string(), expression: z.string() })),
  /** Files of rows that the backup has of it. */
  parts: z.int().min(0).max(999_999),
  /** What a sequence gives next; as text, since it goes beyond what a number of JSON holds. */
  next: z
    .string()
    .regex(/^-?\d{1,20}$/)
    .nullable(),
  /** How often a sequence has begun anew. */
  rounds: z
    .string()
    .regex(/^\d{1,20}$/)
    .nullable(),
});

/** What a definition other than a table's needs to mean the same again. */
const program = z.object({
  kind: z.enum(['function', 'procedure', 'package', 'package body', 'trigger', 'event', 'view']),
  name: z.string(),
  /** Of a trigger: that of its table. */
  table: z.string().nullable(),
  create: z.string(),
  sqlMode: z.string().regex(/^[A-Z0-9_,]*$/),
  characterSet: z.string().regex(/^\w+$/),
  collation: z.string().regex(/^\w+$/),
  /** The database's when it was made, by which texts in it are that name none; null for views, which have no such texts. */
  databaseCollation: z.string().regex(/^\w+$/).nullable(),
  /** Of an event: that of its times. */
  timeZone: z.string().nullable(),
});

const facts = z.object({
  version: z.literal(1),
  server: z.object({ flavour: z.enum(['MariaDB', 'MySQL']), version: z.string(), number: z.int() }),
  database: z.string(),
  characterSet: z.string().regex(/^\w+$/),
  collation: z.string().regex(/^\w+$/),
  /** Size of all tables on the server, indexes counted. */
  bytes: z.number(),
  /** With `chosenTables`, programs other than the tables' triggers are missing; with `withoutSome`, only some tables are. */
  scope: z.enum(['whole', 'withoutSome', 'chosenTables']),
  tables: z.array(table),
  programs: z.array(program),
});

export type DatabaseFacts = z.output<typeof facts>;
export type TableFacts = z.output<typeof table>;
export type ColumnFacts = z.output<typeof column>;
export type ForeignKey = z.output<typeof foreignKey>;
export type Program = z.output<typeof program>;

/** Ten thousand tables take about 30 MB. */
const MOST_BYTES = 256 * 2 ** 20;

export const writeFacts = (found: DatabaseFacts): Buffer => Buffer.from(`${JSON.stringify(found)}\n`);

/** Reads the facts of a backup; see `readJson`. */
export const readFacts = (content: AsyncIterable<Uint8Array>): Promise<DatabaseFacts> =>
  readJson(content, facts, MOST_BYTES);

/** As a restore writes down what it replaces. */
export const programs = z.array(program);

export const foreignKeys = z.array(z.object({ database: z.string(), table: z.string(), key: foreignKey }));
