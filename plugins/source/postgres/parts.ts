/** Cuts tables into parts that several connections can copy at once. */
import { type FoundTable, qualified } from './found-tables.ts';
import { literal, quoted } from './quoting.ts';

/** One copy of rows. */
export interface TablePart {
  readonly table: FoundTable;
  readonly part: number;
  /** `COPY … TO STDOUT`. */
  readonly statement: string;
  /** About how many bytes it takes in the table. */
  readonly bytes: number;
}

/** Large enough that a start costs nothing, small enough that the last part does not keep all others waiting. */
const PART_BYTES = 128 * 2 ** 20;
/** Since this version the server reads a range of pages without looking at the others. */
const RANGES_SINCE = 14;

/** The parts of a table whose rows are wanted; at least one. */
export function partsOf(table: FoundTable, serverMajor: number, encoding: string): readonly TablePart[] {
  const pages = pagesInPart(table);
  if (serverMajor < RANGES_SINCE || !table.heap || table.condition !== undefined || table.pages <= 2 * pages) {
    return [{ table, part: 0, statement: copyOf(table, undefined, encoding), bytes: table.bytes }];
  }
  const count = Math.floor(table.pages / pages);
  return Array.from({ length: count }, (_, part) => {
    const from = part * pages;
    // The last one has no end: the table may have grown since it was measured.
    const to = part === count - 1 ? undefined : from + pages;
    const share = ((to ?? table.pages) - from) / table.pages;
    return { table, part, statement: copyOf(table, { from, to }, encoding), bytes: Math.round(table.bytes * share) };
  });
}

/** A power of two, so that parts begin at the same pages in every backup and what has not changed is found again. */
function pagesInPart({ pages, bytes }: FoundTable): number {
  const wanted = (PART_BYTES * pages) / Math.max(bytes, 1);
  return Math.max(1, 2 ** Math.floor(Math.log2(Math.max(wanted, 1))));
}

function copyOf(
  table: FoundTable,
  pages: { readonly from: number; readonly to: number | undefined } | undefined,
  encoding: string,
): string {
  const columns = copiedColumns(table.columns);
  const options = `TO STDOUT (ENCODING ${literal(encoding)})`;
  const conditions = [
    ...(table.condition === undefined ? [] : [`(${table.condition.replace(/^\s*WHERE\b/i, '')})`]),
    ...(pages === undefined || pages.from === 0 ? [] : [`ctid >= '(${pages.from},0)'::pg_catalog.tid`]),
    ...(pages?.to === undefined ? [] : [`ctid < '(${pages.to},0)'::pg_catalog.tid`]),
  ];
  if (conditions.length === 0) return `COPY ${qualified(table)}${listOf(columns)} ${options}`;
  return `COPY (SELECT ${columns.join(', ')} FROM ONLY ${qualified(table)} WHERE ${conditions.join(' AND ')}) ${options}`;
}

const listOf = (columns: readonly string[]): string => (columns.length === 0 ? '' : ` (${columns.join(', ')})`);

/** The columns that a copy has, quoted, in order: all that the server does not compute. */
export const copiedColumns = (columns: FoundTable['columns']): readonly string[] =>
  columns.filter(({ generated }) => !generated).map(({ name }) => quoted(name));

/** `COPY … FROM STDIN` for what `partsOf` copied. `freeze` only where the table was made or emptied in the same transaction. */
export const copyInto = (
  table: Pick<FoundTable, 'schema' | 'name' | 'columns'>,
  encoding: string,
  freeze: boolean,
): string =>
  `COPY ${qualified(table)}${listOf(copiedColumns(table.columns))} FROM STDIN (ENCODING ${literal(encoding)}${freeze ? ', FREEZE' : ''})`;
