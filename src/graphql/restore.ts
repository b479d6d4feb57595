/** Restores: runs that put a backup, or a part of it, back. */
import type { Prisma } from '../catalogue/generated/prisma/client.ts';
import { BackupRef } from './backup.ts';
import { builder } from './builder.ts';
import { RunErrorType, RunWarningType, storedError, TableType } from './common.ts';
import {
  ConflictPolicyEnum,
  OrderDirectionEnum,
  RestoreTargetKindEnum,
  RestoreTypeEnum,
  RunStatusEnum,
} from './enums.ts';
import { localId } from './ids.ts';
import { checkPage, pageCost, readPage } from './paging.ts';
import { DateRangeInput, durationSeconds, rangeWhere } from './run-fields.ts';
import { storedTables, storedWarnings } from './stored-json.ts';
import { firstWarnings, warningsArgument } from './warnings.ts';
import { containing } from './text-filter.ts';

interface RestoreTargetFacts {
  readonly kind: 'IN_PLACE' | 'DIRECTORY' | 'DATABASE' | 'SCHEMA';
  readonly path: string | null;
  readonly database: string | null;
  readonly schema: string | null;
}

const RestoreTargetType = builder.objectRef<RestoreTargetFacts>('RestoreTarget').implement({
  description: 'Where a restore goes.',
  fields: (t) => ({
    kind: t.expose('kind', { type: RestoreTargetKindEnum, description: 'What kind of place.' }),
    path: t.exposeString('path', { nullable: true, description: 'The directory, absolute; null for the other kinds.' }),
    database: t.exposeString('database', {
      nullable: true,
      description: 'Name of the database; null for the other kinds.',
    }),
    schema: t.exposeString('schema', { nullable: true, description: 'Name of the schema; null for the other kinds.' }),
  }),
});

const untilDone = 'Null until the restore has succeeded.';

export const RestoreRef = builder.prismaNode('Restore', {
  description: 'One run that puts a backup, or a part of it, back.',
  id: { field: 'id' },
  nullable: true,
  select: { id: true },
  fields: (t) => ({
    backup: t.relation('backup', { description: 'What is put back.' }),
    type: t.expose('type', { type: RestoreTypeEnum, description: 'How much of the backup.' }),
    target: t.field({
      type: RestoreTargetType,
      description: 'Where it goes.',
      select: { targetKind: true, targetPath: true, targetDatabase: true, targetSchema: true },
      resolve: ({ targetKind, targetPath, targetDatabase, targetSchema }) => ({
        kind: targetKind,
        path: targetPath,
        database: targetDatabase,
        schema: targetSchema,
      }),
    }),
    conflictPolicy: t.expose('conflictPolicy', {
      type: ConflictPolicyEnum,
      description: 'What it does where something is already there.',
    }),
    sources: t.exposeStringList('sources', { description: 'Names of the sources asked for; empty means all.' }),
    paths: t.exposeStringList('paths', { description: 'Paths inside the backup asked for; empty means all.' }),
    includeTables: t.exposeStringList('includeTables', {
      description: 'Patterns of the tables asked for; empty means all.',
    }),
    keepPreviousHours: t.exposeInt('keepPreviousHours', {
      nullable: true,
      description: 'Hours for which what is replaced is kept; null when it is not.',
    }),
    previousUntil: t.expose('previousUntil', {
      type: 'DateTime',
      nullable: true,
      description: 'Until when what was replaced can be brought back by `revertRestore`; null when nothing is kept.',
    }),
    revertedAt: t.expose('revertedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When what was replaced was brought back; null unless it was.',
    }),
    status: t.expose('status', {
      type: RunStatusEnum,
      description: 'Where it stands. Watch it with `restoreProgress`.',
    }),
    tables: t.field({
      type: [TableType],
      description: 'Tables that were restored; empty until it has succeeded.',
      select: { tables: true },
      resolve: ({ tables }) => storedTables(tables),
    }),
    tablesRestored: t.exposeInt('tablesRestored', { nullable: true, description: `Number of tables. ${untilDone}` }),
    filesRestored: t.expose('filesRestored', {
      type: 'BigInt',
      nullable: true,
      description: `Number of files. ${untilDone}`,
    }),
    bytesRestored: t.expose('bytesRestored', {
      type: 'BigInt',
      nullable: true,
      description: `Bytes written. ${untilDone}`,
    }),
    initiatedBy: t.exposeString('initiatedBy', {
      description: 'Who or what asked for it, for instance `token:laptop`.',
    }),
    notes: t.exposeString('notes', { description: 'Notes of people; may be empty.' }),
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

const RestoreFilter = builder.inputType('RestoreFilter', {
  description: 'Which restores; every condition that is given must hold.',
  fields: (t) => ({
    status: t.field({ type: [RunStatusEnum], description: 'Is in one of these states.' }),
    type: t.field({ type: [RestoreTypeEnum], description: 'Is of one of these types.' }),
    backupId: t.id({ description: 'Puts back the backup with this global id.' }),
    workloadId: t.id({ description: 'Puts back a backup of the workload with this global id.' }),
    created: t.field({ type: DateRangeInput, description: 'Was created in this span.' }),
    text: t.string({ description: 'Occurs in the notes or the target, in any case.' }),
  }),
});

const RestoreOrderField = builder.enumType('RestoreOrderField', {
  description: 'What restores can be ordered by. Those that have no such value yet come last.',
  values: {
    CREATED_AT: { value: 'createdAt', description: 'When they were asked for.' },
    STARTED_AT: { value: 'startedAt', description: 'When they started.' },
    COMPLETED_AT: { value: 'completedAt', description: 'When they ended.' },
    BYTES_RESTORED: { value: 'bytesRestored', description: 'How much they wrote.' },
  } as const,
});

const RestoreOrder = builder.inputType('RestoreOrder', {
  description: 'Order of restores; equal ones are ordered by id.',
  fields: (t) => ({
    field: t.field({
      type: RestoreOrderField,
      required: true,
      defaultValue: 'createdAt',
      description: 'What to order by.',
    }),
    direction: t.field({
      type: OrderDirectionEnum,
      required: true,
      defaultValue: 'desc',
      description: 'Which end first.',
    }),
  }),
});

function restoreWhere(filter: typeof RestoreFilter.$inferInput | null | undefined): Prisma.RestoreWhereInput {
  const where: Prisma.RestoreWhereInput = {};
  if (!filter) return where;
  if (filter.status) where.status = { in: filter.status };
  if (filter.type) where.type = { in: filter.type };
  if (filter.backupId) where.backupId = localId(filter.backupId, 'Backup', 'filter.backupId');
  if (filter.workloadId) where.backup = { workloadId: localId(filter.workloadId, 'Workload', 'filter.workloadId') };
  const created = rangeWhere(filter.created);
  if (created) where.createdAt = created;
  if (typeof filter.text === 'string') {
    const contains = containing(filter.text);
    where.OR = [{ notes: contains }, { targetPath: contains }, { targetDatabase: contains }];
  }
  return where;
}

function restoreOrder(
  order: typeof RestoreOrder.$inferInput | null | undefined,
): Prisma.RestoreOrderByWithRelationInput[] {
  const { field, direction } = order ?? { field: 'createdAt' as const, direction: 'desc' as const };
  if (field === 'createdAt') return [{ createdAt: direction }, { id: direction }];
  return [{ [field]: { sort: direction, nulls: 'last' } }, { id: direction }];
}

const RestoreConnection = builder.connectionObject({
  type: RestoreRef,
  name: 'RestoreConnection',
  description: 'A page of restores.',
});

const listArguments = builder.args((t) => ({
  filter: t.field({ type: RestoreFilter, description: 'Which ones; all when absent.' }),
  orderBy: t.field({ type: RestoreOrder, description: 'In which order; newest first when absent.' }),
}));

builder.prismaObjectField(BackupRef, 'restores', (t) =>
  t.relatedConnection(
    'restores',
    {
      cursor: 'id',
      totalCount: true,
      description: 'Its restores, newest first unless ordered otherwise.',
      args: listArguments,
      complexity: pageCost,
      query: (args) => {
        checkPage(args);
        return { where: restoreWhere(args.filter), orderBy: restoreOrder(args.orderBy) };
      },
    },
    RestoreConnection,
  ),
);

builder.queryFields((t) => ({
  restore: t.prismaField({
    type: RestoreRef,
    nullable: true,
    description: 'One restore by its global id; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    resolve: (query, _root, { id }, { prisma }) =>
      prisma.restore.findUnique({ ...query, where: { id: localId(id, 'Restore', 'id') } }),
  }),
  restores: t.prismaConnection(
    {
      type: RestoreRef,
      cursor: 'id',
      description: 'Restores, newest first unless ordered otherwise.',
      args: listArguments,
      complexity: pageCost,
      totalCount: (_root, { filter }, { prisma }) => prisma.restore.count({ where: restoreWhere(filter) }),
      resolve: (query, _root, args, { prisma }) => {
        return readPage(
          args,
          query,
          () =>
            prisma.restore.findMany({
              ...query,
              where: restoreWhere(args.filter),
              orderBy: restoreOrder(args.orderBy),
            }),
          (id) => prisma.restore.findUnique({ where: { id }, select: { id: true } }),
        );
      },
    },
    RestoreConnection,
  ),
}));
