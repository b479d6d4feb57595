/** A backup in words. */
import {
  formatBytes,
  formatCount,
  formatCounted,
  formatDuration,
  formatTime,
  formatWord,
} from '../../output/format.ts';
import type { Style } from '../../output/style.ts';
import { factLines, tableLines } from '../../output/table.ts';
import type { Column } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import { runProblemLines } from '../runs.ts';
import type { BackupDetails, BackupRow } from './documents.ts';

/** The columns of a list of backups. */
export const backupColumns = (style: Style, now: Date): readonly Column<BackupRow>[] => [
  { title: 'NAME', cell: ({ name }) => printable(name) },
  { title: 'TYPE', cell: ({ type }) => formatWord(type) },
  {
    title: 'STATUS',
    cell: ({ status, pinned, verified }) =>
      `${style.status(status)}${verified ? ', verified' : ''}${pinned ? ', pinned' : ''}`,
  },
  { title: 'WORKLOAD', cell: ({ workload }) => printable(workload.name) },
  { title: 'SIZE', align: 'right', cell: ({ logicalBytes }) => formatBytes(logicalBytes) },
  { title: 'ADDED', align: 'right', cell: ({ addedBytes }) => formatBytes(addedBytes) },
  { title: 'CREATED', cell: ({ createdAt }) => formatTime(createdAt, now) },
  { title: 'ID', cell: ({ id }) => id },
];

function sourceLines({ sources }: BackupDetails): string[] {
  if (sources.length === 0) return [];
  const table = tableLines(sources, [
    { title: 'SOURCE', cell: ({ name }) => printable(name) },
    { title: 'CONTENT', cell: ({ content }) => formatWord(content) },
    { title: 'PLUGIN', cell: ({ plugin }) => printable(plugin) },
    { title: 'FILES', align: 'right', cell: ({ files }) => formatCount(files) },
    { title: 'TABLES', align: 'right', cell: ({ tables }) => formatCount(tables.length) },
    { title: 'SIZE', align: 'right', cell: ({ bytes }) => formatBytes(bytes) },
  ]);
  return ['', ...table];
}

/** Figures are only known once the backup has come that far: a failed one may have none. */
function sizeText({ logicalBytes, files, unchangedFiles }: BackupDetails): string | undefined {
  if (logicalBytes === null) return undefined;
  const unchanged = unchangedFiles === null ? '' : ` (${formatCount(unchangedFiles)} unchanged)`;
  return files === null
    ? formatBytes(logicalBytes)
    : `${formatBytes(logicalBytes)} in ${formatCounted(files, 'file')}${unchanged}`;
}

function addedText({ addedBytes, storedBytes }: BackupDetails): string | undefined {
  if (addedBytes === null) return undefined;
  return `${formatBytes(addedBytes)}${storedBytes === null ? '' : `, stored as ${formatBytes(storedBytes)}`}`;
}

/** All about a backup. */
export function backupLines(backup: BackupDetails, style: Style, now: Date): string[] {
  const facts = factLines([
    ['Name', style.strong(printable(backup.name))],
    ['Id', backup.id],
    ['Status', style.status(backup.status)],
    ['Type', formatWord(backup.type)],
    ['Workload', printable(backup.workload.name)],
    ['Repository', printable(backup.repository.name)],
    ['Parent', backup.parent === null ? undefined : printable(backup.parent.name)],
    ['Size', sizeText(backup)],
    ['Read', backup.readBytes === null ? undefined : formatBytes(backup.readBytes)],
    ['Added', addedText(backup)],
    ['Checksum', backup.checksum ?? undefined],
    ['Compression', printable(backup.compression)],
    ['Encryption', printable(backup.encryption)],
    ['Verified', backup.verified ? formatTime(backup.verifiedAt, now) : 'no'],
    [
      'Kept',
      backup.pinned
        ? 'pinned, never expires'
        : backup.expiresAt === null
          ? 'until deleted'
          : `until ${formatTime(backup.expiresAt, now)}`,
    ],
    ['Created', `${formatTime(backup.createdAt, now)} by ${printable(backup.initiatedBy)}`],
    ['Completed', backup.completedAt === null ? undefined : formatTime(backup.completedAt, now)],
    ['Duration', backup.durationSeconds === null ? undefined : formatDuration(backup.durationSeconds)],
    ['Attempts', backup.attempts > 1 ? String(backup.attempts) : undefined],
    ['Labels', backup.labels.map(({ key, value }) => `${printable(key)}=${printable(value)}`).join(', ')],
    ['Notes', printable(backup.notes)],
  ]);
  return [...facts, ...sourceLines(backup), ...runProblemLines(backup, printable)];
}
