/** Cuts tables into parts that several connections can read at once. */
import type { FoundTable } from './found-tables.ts';
import { qualified, quoted } from './quoting.ts';

/** One query of rows. */
export interface TablePart {
  readonly table: FoundTable;
  readonly part: number;
  readonly statement: string;
  /** About how many bytes it takes in the table. */
  readonly bytes: number;
}

/** Values that the first column of a primary key has. */
export interface KeySpan {
  readonly least: bigint;
  readonly most: bigint;
}

/** Large enough that a start costs nothing, small enough that the last part does not keep all others waiting. */
export const PART_BYTES = 128 * 2 ** 20;
/** Keys with large gaps would make parts without number. */
const MOST_PARTS = 10_000n;
const INTEGER = /^(tiny|small|medium|big)?int\b/i;
const FLOAT = /^float\b/i;
const ILLEGIBLE = /^(enum|set)\b.*\?/is;

/** Whether it is worth to look at the span of its key. */
export const isCuttable = ({ columns, primaryKey, bytes, period }: FoundTable): boolean =>
  bytes > 2 * PART_BYTES &&
  period === null &&
  columns.some(({ name, type }) => name === primaryKey[0] && INTEGER.test(type));

/** The query for the span of a table's key; of no row where the table is empty. */
export function spanQuery({ database, name, primaryKey }: FoundTable): string {
  const key = quoted(primaryKey[0] ?? '');
  return `SELECT CAST(MIN(${key}) AS CHAR) AS least, CAST(MAX(${key}) AS CHAR) AS most FROM ${qualified(database, name)}`;
}

/** The parts of a table whose rows are wanted; at least one. With a span it is cut by its key. */
export function partsOf(table: FoundTable, span: KeySpan | undefined): readonly TablePart[] {
  if (span === undefined) return [{ table, part: 0, statement: queryOf(table), bytes: table.bytes }];
  const width = widthOf(table, span);
  // Multiples of the width: parts begin at the same keys in every backup, and what has not changed is found again.
  const from = floor(span.least, width) + 1n;
  const to = floor(span.most, width);
  const cuts = Array.from({ length: Number(to - from + 1n) }, (_, at) => (from + BigInt(at)) * width);
  return Array.from({ length: cuts.length + 1 }, (_, part) => ({
    table,
    part,
    statement: queryOf(table, cuts[part - 1], cuts[part]),
    bytes: Math.round(table.bytes / (cuts.length + 1)),
  }));
}

/** A power of two, so that it stays the same while the table grows. */
function widthOf({ bytes }: FoundTable, { least, most }: KeySpan): bigint {
  const values = most - least + 1n;
  const parts = BigInt(Math.ceil(bytes / PART_BYTES));
  const wanted = values / (parts < MOST_PARTS ? parts : MOST_PARTS);
  return wanted < 1n ? 1n : 2n ** BigInt(wanted.toString(2).length - 1);
}

/** The largest whole number that is not above the quotient, also below zero. */
const floor = (value: bigint, width: bigint): bigint =>
  value >= 0n ? value / width : -((-value + width - 1n) / width);

function queryOf(table: FoundTable, from?: bigint, to?: bigint): string {
  const { database, name, primaryKey, period, engine } = table;
  const key = quoted(primaryKey[0] ?? '');
  const conditions = [
    ...(from === undefined ? [] : [`${key} >= ${from}`]),
    ...(to === undefined ? [] : [`${key} < ${to}`]),
  ];
  const history = period === null ? '' : ' FOR SYSTEM_TIME ALL';
  // The order in which the rows lie there: fastest to read, and to write again; the same in every backup.
  const index = primaryKey.length > 0 && engine === 'InnoDB' && period === null ? ' FORCE INDEX (PRIMARY)' : '';
  const where = conditions.length === 0 ? '' : ` WHERE ${conditions.join(' AND ')}`;
  const order = index === '' ? '' : ` ORDER BY ${primaryKey.map(quoted).join(', ')}`;
  return `SELECT ${valuesOf(table).join(', ')} FROM ${qualified(database, name)}${history}${index}${where}${order}`;
}

type Columns = Pick<FoundTable, 'columns' | 'period'>;

/** Names of the columns that have values of their own, history's last. */
export function readColumns({ columns, period }: Columns): readonly string[] {
  const own = columns.filter(({ generated }) => !generated).map(({ name }) => name);
  return period === null ? own : [...own, period.start, period.end];
}

/**
 * A float is written with six digits, unless it is made a double, which loses nothing. Words whose letters the server can't write are read by
 * their numbers.
 */
function valuesOf(table: Columns): readonly string[] {
  const types = new Map(table.columns.map(({ name, type }) => [name, type]));
  return readColumns(table).map((name) => {
    const type = types.get(name) ?? '';
    if (FLOAT.test(type)) return `${quoted(name)} * 1e0`;
    return isIllegible(type) ? `${quoted(name)} + 0` : quoted(name);
  });
}

/** Whether words of an enumeration or set may be others than its definition says: MariaDB writes letters of four bytes in them as `?`. */
export const isIllegible = (type: string): boolean => ILLEGIBLE.test(type);
