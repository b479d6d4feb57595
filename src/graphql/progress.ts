/** Runs watched live. */
import { errorFromData } from '../errors.ts';
import type { RunState } from '../services/progress.ts';
import { BackupRef } from './backup.ts';
import { builder } from './builder.ts';
import { runErrorFacts, RunErrorType } from './common.ts';
import type { GraphQLContext } from './context.ts';
import { RunPhaseEnum, RunStatusEnum } from './enums.ts';
import { localId, type NodeType } from './ids.ts';
import { RestoreRef } from './restore.ts';
import { VerificationRef } from './verification.ts';
import { watchFrom } from './watch.ts';

const RunProgress = builder.interfaceRef<RunState>('RunProgress').implement({
  description: 'How far a run is.',
  fields: (t) => ({
    status: t.expose('status', { type: RunStatusEnum, description: 'Where the run stands.' }),
    phase: t.expose('phase', { type: RunPhaseEnum, description: 'What it is doing.' }),
    currentItem: t.string({
      nullable: true,
      description: 'What it is working on: a path (as text) or a table; null between things.',
      resolve: ({ currentItem }) => currentItem,
    }),
    itemsDone: t.field({ type: 'BigInt', description: 'Things done: files, tables.', resolve: (run) => run.itemsDone }),
    itemsTotal: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Things there are in all; an estimate that gets better, null while unknown.',
      resolve: (run) => run.itemsTotal,
    }),
    bytesDone: t.field({ type: 'BigInt', description: 'Bytes done.', resolve: (run) => run.bytesDone }),
    bytesTotal: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Bytes there are in all; an estimate that gets better, null while unknown.',
      resolve: (run) => run.bytesTotal,
    }),
    bytesPerSecond: t.float({
      nullable: true,
      description: 'Rate over the last seconds, at the end over the whole run; null while unknown.',
      resolve: (run) => run.bytesPerSecond,
    }),
    secondsLeft: t.float({
      nullable: true,
      description: 'Seconds until all bytes are done at that rate; null while unknown.',
      resolve: (run) => run.secondsLeft,
    }),
    warningCount: t.exposeInt('warningCount', { description: 'Number of warnings so far.' }),
    startedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When a worker first took it up; null while it waits.',
      resolve: (run) => run.startedAt,
    }),
    error: t.field({
      type: RunErrorType,
      nullable: true,
      description: 'Why it failed, or why the last attempt did while the next one is awaited; null otherwise.',
      resolve: ({ error }) => error && runErrorFacts(errorFromData(error)),
    }),
    finished: t.exposeBoolean('finished', {
      description: 'True in the final state: nothing follows it, and a subscription completes.',
    }),
  }),
});

const BackupProgress = builder.objectRef<RunState>('BackupProgress').implement({
  description: 'How far a backup is.',
  interfaces: [RunProgress],
  fields: (t) => ({
    addedBytes: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Bytes so far that the repository did not hold yet, before compression; null while unknown.',
      resolve: (run) => run.addedBytes,
    }),
    backup: t.prismaField({
      type: BackupRef,
      description: 'The backup, as it is at this moment.',
      resolve: (query, { id }, _args, { prisma }) => prisma.backup.findUniqueOrThrow({ ...query, where: { id } }),
    }),
  }),
});

const RestoreProgress = builder.objectRef<RunState>('RestoreProgress').implement({
  description: 'How far a restore is.',
  interfaces: [RunProgress],
  fields: (t) => ({
    restore: t.prismaField({
      type: RestoreRef,
      description: 'The restore, as it is at this moment.',
      resolve: (query, { id }, _args, { prisma }) => prisma.restore.findUniqueOrThrow({ ...query, where: { id } }),
    }),
  }),
});

const VerificationProgress = builder.objectRef<RunState>('VerificationProgress').implement({
  description: 'How far a verification is.',
  interfaces: [RunProgress],
  fields: (t) => ({
    verification: t.prismaField({
      type: VerificationRef,
      description: 'The verification, as it is at this moment.',
      resolve: (query, { id }, _args, { prisma }) => prisma.verification.findUniqueOrThrow({ ...query, where: { id } }),
    }),
  }),
});

const active = (status: string): boolean => status === 'QUEUED' || status === 'RUNNING';
const whileActive = 'How far it is while it is queued or running; null once it has ended.';

/** Asked for each active run; a page of runs has only as many of them as there are workers and a queue. */
const progressCost = 5;

builder.prismaObjectField(BackupRef, 'progress', (t) =>
  t.field({
    type: BackupProgress,
    nullable: true,
    description: whileActive,
    complexity: progressCost,
    select: { id: true, status: true },
    resolve: ({ id, status }, _args, { services }) => (active(status) ? services.progress.current('backup', id) : null),
  }),
);
builder.prismaObjectField(RestoreRef, 'progress', (t) =>
  t.field({
    type: RestoreProgress,
    nullable: true,
    description: whileActive,
    complexity: progressCost,
    select: { id: true, status: true },
    resolve: ({ id, status }, _args, { services }) =>
      active(status) ? services.progress.current('restore', id) : null,
  }),
);
builder.prismaObjectField(VerificationRef, 'progress', (t) =>
  t.field({
    type: VerificationProgress,
    nullable: true,
    description: whileActive,
    complexity: progressCost,
    select: { id: true, status: true },
    resolve: ({ id, status }, _args, { services }) =>
      active(status) ? services.progress.current('verification', id) : null,
  }),
);

const stream =
  'First the present state, then changes at most five times a second, always the final state (`finished`), then it ' +
  'completes. May be subscribed at any time, by any number of clients, again after a lost connection.';

const watch = (
  kind: RunState['kind'],
  type: NodeType,
  id: string,
  { services, stopping }: GraphQLContext,
): Promise<AsyncIterable<RunState>> => {
  const local = localId(id, type, 'id');
  return watchFrom((signal) => services.progress.watch(kind, local, AbortSignal.any([signal, stopping])));
};

builder.subscriptionFields((t) => ({
  backupProgress: t.field({
    type: BackupProgress,
    description: `Watches a backup. ${stream}`,
    args: { id: t.arg.id({ required: true, description: 'Global id of the backup.' }) },
    subscribe: (_root, { id }, context) => watch('backup', 'Backup', id, context),
    resolve: (run) => run,
  }),
  restoreProgress: t.field({
    type: RestoreProgress,
    description: `Watches a restore. ${stream}`,
    args: { id: t.arg.id({ required: true, description: 'Global id of the restore.' }) },
    subscribe: (_root, { id }, context) => watch('restore', 'Restore', id, context),
    resolve: (run) => run,
  }),
  verificationProgress: t.field({
    type: VerificationProgress,
    description: `Watches a verification. ${stream}`,
    args: { id: t.arg.id({ required: true, description: 'Global id of the verification.' }) },
    subscribe: (_root, { id }, context) => watch('verification', 'Verification', id, context),
    resolve: (run) => run,
  }),
}));
