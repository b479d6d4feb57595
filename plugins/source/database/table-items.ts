/** A restore of tables in words: what would be done to each, and how it differs from what is there. */
import type { PreviewItem, PreviewRequest, TableInfo } from '../../../src/contracts/index.ts';
import { type ComparedTable, differences, inWords } from './compare-tables.ts';

/** A table as a backup has it, or as it is now. */
export interface LabelledTable extends ComparedTable {
  readonly label: string;
}

/** A table that is there now. */
export interface PresentTable extends LabelledTable {
  /** Absent where nobody has counted them. */
  readonly rows: number | undefined;
  /** Whether they were counted, and not estimated. */
  readonly exact: boolean;
}

/** The database as a whole. */
export function databaseItem(
  name: string,
  exists: boolean,
  tables: number,
  bytes: number,
  policy: PreviewRequest['policy'],
): PreviewItem {
  const subject = `database ${name}`;
  if (!exists) return { action: 'ADD', subject, bytes };
  if (policy === 'SKIP') return { action: 'KEEP', subject, bytes: 0, reason: 'it is there already' };
  if (policy === 'OVERWRITE' || tables === 0) {
    return { action: 'CHANGE', subject, bytes, reason: 'it is replaced as a whole' };
  }
  return { action: 'CONFLICT', subject, bytes: 0, reason: `it holds ${counted(tables, 'table')}` };
}

/**
 * One table. Its bytes are left at 0, since they are counted with the database.
 * @param there the one that would be replaced
 * @param occupied whether something is there that the policy protects
 */
export function tableItem(
  table: LabelledTable,
  there: PresentTable | undefined,
  info: TableInfo | undefined,
  policy: PreviewRequest['policy'],
  occupied: boolean,
): PreviewItem {
  return there === undefined ? addedItem(table, info) : changedItem(table, there, info, policy, occupied);
}

function addedItem(table: LabelledTable, info: TableInfo | undefined): PreviewItem {
  const reason = rowsText(info);
  return { ...itemFor('ADD', table, info), ...(reason !== undefined && { reason }) };
}

function changedItem(
  table: LabelledTable,
  now: PresentTable,
  info: TableInfo | undefined,
  policy: PreviewRequest['policy'],
  occupied: boolean,
): PreviewItem {
  const different = inWords(differences(table, now));
  const rows = table.kind === 'view' ? [] : [rowsText(info), rowsNow(now)];
  const reason = [...rows, different].filter((text) => text !== undefined).join('; ');
  const action = policy === 'SKIP' ? 'KEEP' : policy === 'OVERWRITE' || !occupied ? 'CHANGE' : 'CONFLICT';
  return { ...itemFor(action, table, info), ...(reason !== '' && { reason }), ...rowCounts(info, now) };
}

/** The bytes are counted with the database. */
const itemFor = (action: PreviewItem['action'], table: LabelledTable, info: TableInfo | undefined): PreviewItem => ({
  action,
  subject: `${table.kind} ${table.label}`,
  bytes: 0,
  ...rowCounts(info, undefined),
});

export const rowCounts = (
  info: TableInfo | undefined,
  now: PresentTable | undefined,
): Pick<PreviewItem, 'rows' | 'rowsNow'> => ({
  ...(info?.rows !== undefined && { rows: info.rows }),
  ...(now?.rows !== undefined && { rowsNow: now.rows }),
});

const rowsText = (info: TableInfo | undefined): string | undefined =>
  info?.rows === undefined ? undefined : `${counted(info.rows, 'row')} in the backup`;
export const rowsNow = ({ rows, exact }: PresentTable): string =>
  rows === undefined ? 'nobody has counted its rows now' : `${exact ? '' : 'about '}${counted(rows, 'row')} now`;

export const megabytes = (bytes: number): string =>
  bytes < 1e9 ? `${Math.ceil(bytes / 1e6)} MB` : `${(bytes / 1e9).toFixed(1)} GB`;
const counted = (count: number, noun: string): string =>
  `${count.toLocaleString('en-US')} ${noun}${count === 1 ? '' : 's'}`;
