/** Backups: runs that read a workload, and what they left in a repository. */
import { BackupSourceType, filesIncluded, FilesIncludedType } from './backup-contents.ts';
import { BackupFilter, BackupOrder, backupOrder, backupWhere } from './backup-filter.ts';
import { builder } from './builder.ts';
import { LabelType, RunErrorType, RunWarningType, storedError, TableType } from './common.ts';
import { BackupTypeEnum, RunStatusEnum, VerificationLevelEnum } from './enums.ts';
import { localId } from './ids.ts';
import { checkPage, pageCost, readPage } from './paging.ts';
import { RepositoryType } from './repository.ts';
import { durationSeconds } from './run-fields.ts';
import { storedLabels, storedSourceSummaries, storedWarnings } from './stored-json.ts';
import { firstWarnings, warningsArgument } from './warnings.ts';
import { WorkloadType } from './workload.ts';

const untilDone = 'Null until the backup has succeeded.';

export const BackupRef = builder.prismaNode('Backup', {
  description: 'One run that reads a workload and, once it succeeded, its snapshot in a repository.',
  id: { field: 'id' },
  nullable: true,
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Name for people; made of workload, type and time unless given.' }),
    type: t.expose('type', { type: BackupTypeEnum, description: 'What it reads.' }),
    status: t.expose('status', {
      type: RunStatusEnum,
      description: 'Where it stands. Watch it with `backupProgress`.',
    }),
    workload: t.relation('workload', { description: 'What was backed up.' }),
    repository: t.relation('repository', { description: 'Where it lies.' }),
    parent: t.relation('parent', {
      nullable: true,
      description:
        'The backup that files were compared with, to leave unchanged ones unread; null for the first and full ones.',
    }),
    snapshotId: t.exposeString('snapshotId', {
      nullable: true,
      description: `Id of its snapshot inside the repository, for recovery without this service. ${untilDone}`,
    }),
    sources: t.field({
      type: [BackupSourceType],
      description: 'What each source brought; empty until the backup has succeeded.',
      complexity: { field: 1, multiplier: 3 },
      select: { sources: true },
      resolve: ({ sources }) => storedSourceSummaries(sources),
    }),
    selectedSources: t.exposeStringList('selectedSources', {
      description: 'Names of the sources that were asked for; empty means all of the type.',
    }),
    includeTables: t.exposeStringList('includeTables', {
      description: 'Patterns of the tables asked for; empty means all.',
    }),
    excludeTables: t.exposeStringList('excludeTables', { description: 'Patterns of the tables to leave out.' }),
    excludeTableData: t.exposeStringList('excludeTableData', {
      description: 'Patterns of the tables taken without their rows.',
    }),
    tablesIncluded: t.field({
      type: [TableType],
      description: 'Tables of all its databases; empty until the backup has succeeded.',
      complexity: { field: 1, multiplier: 5 },
      select: { sources: true },
      resolve: ({ sources }) => storedSourceSummaries(sources).flatMap(({ tables }) => tables),
    }),
    filesIncluded: t.field({
      type: FilesIncludedType,
      description: 'Files of all its sources that are not databases, in numbers.',
      select: { sources: true },
      resolve: ({ sources }) => filesIncluded(storedSourceSummaries(sources)),
    }),
    logicalBytes: t.expose('logicalBytes', {
      type: 'BigInt',
      nullable: true,
      description: `Bytes of everything in it, as a restore would write it. ${untilDone}`,
    }),
    readBytes: t.expose('readBytes', {
      type: 'BigInt',
      nullable: true,
      description: `Bytes that were really read from the sources. ${untilDone}`,
    }),
    addedBytes: t.expose('addedBytes', {
      type: 'BigInt',
      nullable: true,
      description: `Bytes that the repository did not hold yet, before compression. ${untilDone}`,
    }),
    storedBytes: t.expose('storedBytes', {
      type: 'BigInt',
      nullable: true,
      description: `Bytes written to the repository, compressed and sealed. ${untilDone}`,
    }),
    files: t.expose('files', { type: 'BigInt', nullable: true, description: `Number of files in it. ${untilDone}` }),
    unchangedFiles: t.expose('unchangedFiles', {
      type: 'BigInt',
      nullable: true,
      description: `Files taken over from the parent unread. ${untilDone}`,
    }),
    checksum: t.exposeString('checksum', {
      nullable: true,
      description: `Merkle root of everything in it, 64 hexadecimal digits: equal contents, equal checksum. ${untilDone}`,
    }),
    compression: t.exposeString('compression', { description: 'Name of the compressor used.' }),
    compressionLevel: t.exposeInt('compressionLevel', {
      nullable: true,
      description: 'Level given to the compressor; null means the one that suits each block (`auto`).',
    }),
    encryption: t.exposeString('encryption', { description: 'Name of the encryptor used.' }),
    verified: t.exposeBoolean('verified', { description: 'Whether its last verification found it sound.' }),
    verifiedAt: t.expose('verifiedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was last verified; null when never.',
    }),
    verifiedLevel: t.expose('verifiedLevel', {
      type: VerificationLevelEnum,
      nullable: true,
      description: 'How thoroughly it was last verified; null when never.',
    }),
    retentionDays: t.exposeInt('retentionDays', {
      nullable: true,
      description: 'Days it is kept; null keeps it until somebody deletes it.',
    }),
    expiresAt: t.expose('expiresAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it may be cleaned up; null when never. A pinned one stays nevertheless.',
    }),
    pinned: t.exposeBoolean('pinned', { description: 'A pinned backup never expires. Set it with `updateBackup`.' }),
    initiatedBy: t.exposeString('initiatedBy', {
      description: 'Who or what asked for it, for instance `token:laptop`.',
    }),
    notes: t.exposeString('notes', { description: 'Notes of people; may be empty.' }),
    labels: t.field({
      type: [LabelType],
      description: 'Labels to sort and find it by.',
      select: { labels: true },
      resolve: ({ labels }) => storedLabels(labels),
    }),
    error: t.field({
      type: RunErrorType,
      nullable: true,
      description: 'Why it failed, or why the last attempt did while the next one is awaited; null otherwise.',
      select: { errorCode: true, errorDetails: true },
      resolve: ({ errorCode, errorDetails }) => storedError(errorCode, errorDetails),
    }),
    warnings: t.field({
      type: [RunWarningType],
      description: 'What was left out or differs, at most the first 1,000; `warningCount` counts all.',
      args: { first: t.arg.int(warningsArgument) },
      select: { warnings: true },
      resolve: ({ warnings }, { first }) => firstWarnings(storedWarnings(warnings), first),
    }),
    warningCount: t.exposeInt('warningCount', { description: 'Number of all warnings.' }),
    attempts: t.exposeInt('attempts', { description: 'How often a worker took it up.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was asked for.' }),
    startedAt: t.expose('startedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When a worker first took it up; null while it waits.',
    }),
    completedAt: t.expose('completedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it ended, however; null until then.',
    }),
    durationSeconds: t.float({
      nullable: true,
      description: 'Seconds from start to end; null until it has ended.',
      select: { startedAt: true, completedAt: true },
      resolve: durationSeconds,
    }),
  }),
});

const BackupConnection = builder.connectionObject({
  type: BackupRef,
  name: 'BackupConnection',
  description: 'A page of backups.',
});

const listArguments = builder.args((t) => ({
  filter: t.field({ type: BackupFilter, description: 'Which ones; all when absent.' }),
  orderBy: t.field({ type: BackupOrder, description: 'In which order; newest first when absent.' }),
}));

builder.prismaObjectFields(WorkloadType, (t) => ({
  backups: t.relatedConnection(
    'backups',
    {
      cursor: 'id',
      totalCount: true,
      description: 'Its backups, newest first unless ordered otherwise.',
      args: listArguments,
      complexity: pageCost,
      query: (args) => {
        checkPage(args);
        return { where: backupWhere(args.filter), orderBy: backupOrder(args.orderBy) };
      },
    },
    BackupConnection,
  ),
  lastBackup: t.field({
    type: BackupRef,
    nullable: true,
    description: 'The newest backup that succeeded, wholly or in part; null when there is none.',
    select: (_args, _context, nested) => ({
      backups: nested({
        where: { status: { in: ['SUCCEEDED', 'PARTIAL'] } },
        orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
        take: 1,
      }),
    }),
    resolve: ({ backups }) => backups[0],
  }),
}));

builder.prismaObjectField(RepositoryType, 'backups', (t) =>
  t.relatedConnection(
    'backups',
    {
      cursor: 'id',
      totalCount: true,
      description: 'The backups in it, newest first unless ordered otherwise.',
      args: listArguments,
      complexity: pageCost,
      query: (args) => {
        checkPage(args);
        return { where: backupWhere(args.filter), orderBy: backupOrder(args.orderBy) };
      },
    },
    BackupConnection,
  ),
);

builder.queryFields((t) => ({
  backup: t.prismaField({
    type: BackupRef,
    nullable: true,
    description: 'One backup by its global id; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    resolve: (query, _root, { id }, { prisma }) =>
      prisma.backup.findUnique({ ...query, where: { id: localId(id, 'Backup', 'id') } }),
  }),
  backups: t.prismaConnection(
    {
      type: BackupRef,
      cursor: 'id',
      description: 'Backups, newest first unless ordered otherwise.',
      args: listArguments,
      complexity: pageCost,
      totalCount: (_root, { filter }, { prisma }) => prisma.backup.count({ where: backupWhere(filter) }),
      resolve: (query, _root, args, { prisma }) => {
        return readPage(
          args,
          query,
          () =>
            prisma.backup.findMany({
              ...query,
              where: backupWhere(args.filter),
              orderBy: backupOrder(args.orderBy),
            }),
          (id) => prisma.backup.findUnique({ where: { id }, select: { id: true } }),
        );
      },
    },
    BackupConnection,
  ),
}));
