/** Restores in words. */
import { formatBytes, formatCount, formatCounted, formatTime, formatWord } from '../../output/format.ts';
import type { Style } from '../../output/style.ts';
import { factLines } from '../../output/table.ts';
import type { Column } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import { runProblemLines } from '../runs.ts';
import type { RestoreDetails, RestoreRow, RestoreTarget } from './documents.ts';

/** Where a restore goes: `in place`, `directory /srv/restored`. */
export const targetText = ({ kind, path, database, schema }: RestoreTarget): string =>
  [formatWord(kind), printable(path ?? database ?? schema ?? '')].filter((part) => part !== '').join(' ');

/** The columns of a list of restores. */
export const restoreColumns = (style: Style, now: Date): readonly Column<RestoreRow>[] => [
  { title: 'BACKUP', cell: ({ backup }) => printable(backup.name) },
  { title: 'WHAT', cell: ({ type }) => formatWord(type) },
  { title: 'TARGET', cell: ({ target }) => targetText(target) },
  { title: 'STATUS', cell: ({ status }) => style.status(status) },
  { title: 'FILES', align: 'right', cell: ({ filesRestored }) => formatCount(filesRestored) },
  { title: 'SIZE', align: 'right', cell: ({ bytesRestored }) => formatBytes(bytesRestored) },
  { title: 'CREATED', cell: ({ createdAt }) => formatTime(createdAt, now) },
  { title: 'ID', cell: ({ id }) => id },
];

/** Figures are only known once the restore has come that far: a failed one may have none. */
function restoredText({ bytesRestored, filesRestored, tablesRestored }: RestoreDetails): string | undefined {
  const counts = [
    ...(filesRestored === null ? [] : [formatCounted(filesRestored, 'file')]),
    ...(tablesRestored === null ? [] : [formatCounted(tablesRestored, 'table')]),
  ].join(', ');
  if (bytesRestored === null) return counts;
  return `${formatBytes(bytesRestored)}${counts === '' ? '' : ` in ${counts}`}`;
}

/** All about a restore. */
export function restoreLines(restore: RestoreDetails, style: Style, now: Date): string[] {
  const facts = factLines([
    ['Id', restore.id],
    ['Backup', printable(restore.backup.name)],
    ['Status', style.status(restore.status)],
    ['What', formatWord(restore.type)],
    ['Target', targetText(restore.target)],
    ['Where something is', formatWord(restore.conflictPolicy)],
    ['Sources', restore.sources.map(printable).join(', ')],
    ['Paths', restore.paths.map(printable).join(', ')],
    ['Tables', restore.includeTables.map(printable).join(', ')],
    ['Restored', restoredText(restore)],
    ['Can be reverted', restore.previousUntil === null ? undefined : `until ${formatTime(restore.previousUntil, now)}`],
    ['Reverted', restore.revertedAt === null ? undefined : formatTime(restore.revertedAt, now)],
    ['Created', `${formatTime(restore.createdAt, now)} by ${printable(restore.initiatedBy)}`],
    ['Completed', restore.completedAt === null ? undefined : formatTime(restore.completedAt, now)],
    ['Notes', printable(restore.notes)],
  ]);
  return [...facts, ...runProblemLines(restore, printable)];
}
