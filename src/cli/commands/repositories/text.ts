/** Repositories in words. */
import { formatBytes, formatCounted, formatRateLimit, formatTime, formatWord } from '../../output/format.ts';
import { factLines, tableLines } from '../../output/table.ts';
import { printable } from '../../output/text.ts';
import type { Session } from '../../session.ts';
import { settingLines } from '../sources/text.ts';
import type { KeySlot, Repository, RepositoryRow, RepositoryUsage } from './documents.ts';

/** Where a repository lies: `filesystem path=/backups`. */
export const placeText = ({ storage }: RepositoryRow): string =>
  [printable(storage.plugin), ...settingLines(storage.configuration)].join(' ');

/** The key slots of a repository as a table. */
export const keyLines = (slots: readonly KeySlot[], now: Date): string[] =>
  tableLines(slots, [
    { title: 'SLOT', cell: ({ slot }) => printable(slot) },
    { title: 'KEY', cell: ({ kind }) => formatWord(kind) },
    { title: 'CREATED', cell: ({ createdAt }) => formatTime(createdAt, now) },
  ]);

/** All about a repository; what lies in it only when `usage` is known. */
export function repositoryLines(session: Session, repository: Repository, usage?: RepositoryUsage | null): string[] {
  const now = session.now();
  const level = repository.compressionLevel === null ? ', level auto' : `, level ${repository.compressionLevel}`;
  return [
    ...factLines([
      ['Name', session.output.style.strong(printable(repository.name))],
      ['Id', repository.id],
      ['Place', placeText(repository)],
      ['Secrets', repository.storage.secretsSet.map(printable).join(', ')],
      ['Compression', `${printable(repository.compressor.plugin)}${level}`],
      ['Encryption', printable(repository.encryptor.plugin)],
      ['Upload limit', formatRateLimit(repository.uploadBytesPerSecond)],
      ['Download limit', formatRateLimit(repository.downloadBytesPerSecond)],
      ['Repository id', printable(repository.repositoryId)],
      ['Format', `version ${repository.formatVersion}`],
      [
        'Holds',
        usage ? `${formatCounted(usage.snapshots, 'snapshot')} in ${formatBytes(usage.storedBytes)}` : undefined,
      ],
      ['Free', usage ? formatBytes(usage.freeBytes) : undefined],
      ['Created', formatTime(repository.createdAt, now)],
    ]),
    '',
    ...keyLines(repository.keySlots, now),
  ];
}

/** The lines that show a passphrase made here, the only time. */
export const generatedLines = (passphrase: string | undefined): string[] =>
  passphrase === undefined
    ? []
    : [
        '',
        `Passphrase: ${passphrase}`,
        'Keep it in a safe place: it is shown only now, and without a key nothing can ever be read.',
      ];
