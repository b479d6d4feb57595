/** A backup in words. */
import { formatBytes, formatCount, formatDuration, formatTime, formatWord } from '../../output/format.ts';
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
    [
      'Size',
      `${formatBytes(backup.logicalBytes)} in ${formatCount(backup.files)} files (${formatCount(backup.unchangedFiles)} unchanged)`,
    ],
    ['Read', formatBytes(backup.readBytes)],
    ['Added', `${formatBytes(backup.addedBytes)}, stored as ${formatBytes(backup.storedBytes)}`],
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
