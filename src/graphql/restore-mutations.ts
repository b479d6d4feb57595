/** Starting, previewing and cancelling restores. */
import type { PreviewResult } from '../engine/operations.ts';
import type { CreateRestoreInput, RestoreTargetInput as RestoreTarget } from '../services/restores.ts';
import { builder } from './builder.ts';
import { actorOf, given } from './common.ts';
import { ConflictPolicyEnum, PreviewActionEnum, RestoreTargetKindEnum } from './enums.ts';
import { attempt } from './failures.ts';
import { localId } from './ids.ts';
import { RestoreRef } from './restore.ts';

const RestoreTargetInput = builder.inputType('RestoreTargetInput', {
  description: 'Where a restore shall go.',
  fields: (t) => ({
    kind: t.field({ type: RestoreTargetKindEnum, required: true, description: 'What kind of place.' }),
    path: t.string({
      description:
        'For DIRECTORY: an absolute path below one of `server.roots`, made if absent. Not with the other kinds.',
    }),
    database: t.string({ description: 'For DATABASE: the name of the database. Not with the other kinds.' }),
    schema: t.string({
      description: 'For SCHEMA: the name of the schema, in the database that was backed up. Not with the other kinds.',
    }),
    sourceId: t.id({
      description:
        'For DATABASE and SCHEMA: global id of a source, of any workload, whose server takes it; that of the workload when absent.',
    }),
  }),
});

const RestoreInput = builder.inputType('RestoreInput', {
  description: 'What to put back, and where.',
  fields: (t) => ({
    backupId: t.id({ required: true, description: 'Global id of the backup.' }),
    target: t.field({ type: RestoreTargetInput, description: 'Where to; in place when absent.' }),
    sources: t.stringList({ description: 'Names of sources; all when absent or empty.' }),
    paths: t.stringList({
      description: 'Paths as `tree` shows them, each with all below it; everything when absent or empty.',
    }),
    includeTables: t.stringList({
      description:
        'Patterns of tables, for instance `public.order*`: only those of the databases are put back, and the others stay as they are. All when absent or empty.',
    }),
    keepPreviousHours: t.int({
      description:
        'Hours, 1 to 8,760, for which databases or tables that are replaced are kept, so that `revertRestore` can bring them back. They are dropped at once when absent.',
    }),
    conflictPolicy: t.field({
      type: ConflictPolicyEnum,
      required: true,
      defaultValue: 'FAIL',
      description: 'What to do where something is already there.',
    }),
    notes: t.string({ description: 'Notes for people, at most 10,000 characters.' }),
  }),
});

const restoreIdInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      id: t.id({ required: true, description: 'Global id of the restore.' }),
    }),
  });

const CancelRestoreInput = restoreIdInput('CancelRestoreInput', 'A restore to cancel.');
const RevertRestoreInput = restoreIdInput('RevertRestoreInput', 'A restore whose predecessor is to come back.');
const DiscardPreviousInput = restoreIdInput('DiscardPreviousInput', 'A restore whose predecessor is to be dropped.');

function restoreInput(input: typeof RestoreInput.$inferInput): CreateRestoreInput {
  const { target, ...rest } = input;
  return {
    ...given(rest),
    backupId: localId(input.backupId, 'Backup', 'backupId'),
    ...(target && { target: restoreTarget(target) }),
  };
}

function restoreTarget({ sourceId, ...target }: typeof RestoreTargetInput.$inferInput): RestoreTarget {
  const source = typeof sourceId === 'string' ? { sourceId: localId(sourceId, 'Source', 'target.sourceId') } : {};
  return { ...given(target), kind: target.kind, ...source };
}

const PreviewItemType = builder.objectRef<PreviewResult['items'][number]>('PreviewItem').implement({
  description: 'What a restore would do to one thing.',
  fields: (t) => ({
    source: t.exposeString('source', { description: 'Name of the source it belongs to.' }),
    action: t.expose('action', { type: PreviewActionEnum, description: 'What would be done.' }),
    subject: t.exposeString('subject', { description: 'Path (as text) or table at the target.' }),
    bytes: t.field({ type: 'BigInt', description: 'Bytes that would be written.', resolve: ({ bytes }) => bytes }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why, where the action does not say it all.' }),
    rows: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Rows of a table in the backup; null for what is no table.',
      resolve: ({ rows }) => rows,
    }),
    rowsNow: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Rows of the table at the target now, an estimate unless `exactRows` was asked for.',
      resolve: (item) => item.rowsNow,
    }),
  }),
});

const RestorePreviewType = builder.objectRef<PreviewResult>('RestorePreview').implement({
  description: 'What a restore would do. Nothing was changed.',
  fields: (t) => ({
    items: t.field({
      type: [PreviewItemType],
      description: 'The first 1,000 things; the counts are of all.',
      resolve: ({ items }) => [...items],
    }),
    added: t.field({ type: 'BigInt', description: 'Things that would be added.', resolve: ({ counts }) => counts.ADD }),
    changed: t.field({
      type: 'BigInt',
      description: 'Things that would be replaced.',
      resolve: ({ counts }) => counts.CHANGE,
    }),
    kept: t.field({
      type: 'BigInt',
      description: 'Things that would stay as they are.',
      resolve: ({ counts }) => counts.KEEP,
    }),
    dropped: t.field({
      type: 'BigInt',
      description: 'Things that would be gone.',
      resolve: ({ counts }) => counts.DROP,
    }),
    conflicts: t.field({
      type: 'BigInt',
      description: 'Things in the way: while there are any, a restore with the policy FAIL writes nothing.',
      resolve: ({ counts }) => counts.CONFLICT,
    }),
    bytes: t.field({ type: 'BigInt', description: 'Bytes that would be written.', resolve: ({ bytes }) => bytes }),
  }),
});

builder.queryField('previewRestore', (t) =>
  t.field({
    type: RestorePreviewType,
    description:
      'Says what `restoreBackup` with the same input would do: what would be added, replaced, kept, and how much.',
    errors: {},
    complexity: 100,
    args: {
      input: t.arg({ type: RestoreInput, required: true, description: 'What to put back, and where.' }),
      exactRows: t.arg.boolean({
        description: 'Whether rows at the target are counted, which may take a while, or estimated; false when absent.',
      }),
    },
    resolve: (_root, { input, exactRows }, context) =>
      attempt(() => context.services.previews.restore({ ...restoreInput(input), exactRows: exactRows === true })),
  }),
);

builder.mutationFields((t) => ({
  restoreBackup: t.prismaField({
    type: RestoreRef,
    description:
      'Queues a restore and answers it at once. Watch it with `restoreProgress`; try it with `previewRestore`.',
    errors: {},
    args: { input: t.arg({ type: RestoreInput, required: true, description: 'What to put back, and where.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { id } = await context.services.restores.create(actorOf(context), restoreInput(input));
        return context.prisma.restore.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  cancelRestore: t.prismaField({
    type: RestoreRef,
    description:
      'Cancels a restore: a queued one at once, a running one within two seconds. A ConflictError when it has ended.',
    errors: {},
    args: { input: t.arg({ type: CancelRestoreInput, required: true, description: 'What to cancel.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { id } = await context.services.restores.cancel(actorOf(context), localId(input.id, 'Restore', 'id'));
        return context.prisma.restore.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  revertRestore: t.prismaField({
    type: RestoreRef,
    description:
      'Brings back the databases or tables that a restore with `keepPreviousHours` has replaced, in one step, and drops those it had restored, with what was written to them since. A ConflictError when nothing is kept any more.',
    errors: {},
    args: { input: t.arg({ type: RevertRestoreInput, required: true, description: 'Which restore.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { id } = await context.services.restores.revert(actorOf(context), localId(input.id, 'Restore', 'id'));
        return context.prisma.restore.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  discardPrevious: t.prismaField({
    type: RestoreRef,
    description:
      'Drops at once the databases or tables that a restore with `keepPreviousHours` has replaced. A ConflictError when nothing is kept any more.',
    errors: {},
    args: { input: t.arg({ type: DiscardPreviousInput, required: true, description: 'Which restore.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const restore = localId(input.id, 'Restore', 'id');
        const { id } = await context.services.restores.discardPrevious(actorOf(context), restore);
        return context.prisma.restore.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
}));
