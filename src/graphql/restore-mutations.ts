/** Starting, previewing and cancelling restores. */
import type { PreviewResult } from '../engine/operations.ts';
import type { CreateRestoreInput } from '../services/restores.ts';
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
    conflictPolicy: t.field({
      type: ConflictPolicyEnum,
      required: true,
      defaultValue: 'FAIL',
      description: 'What to do where something is already there.',
    }),
    notes: t.string({ description: 'Notes for people, at most 10,000 characters.' }),
  }),
});

const CancelRestoreInput = builder.inputType('CancelRestoreInput', {
  description: 'A restore to cancel.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the restore.' }),
  }),
});

function restoreInput(input: typeof RestoreInput.$inferInput): CreateRestoreInput {
  const { target, ...rest } = input;
  return {
    ...given(rest),
    backupId: localId(input.backupId, 'Backup', 'backupId'),
    ...(target && { target: { ...given(target), kind: target.kind } }),
  };
}

const PreviewItemType = builder.objectRef<PreviewResult['items'][number]>('PreviewItem').implement({
  description: 'What a restore would do to one thing.',
  fields: (t) => ({
    source: t.exposeString('source', { description: 'Name of the source it belongs to.' }),
    action: t.expose('action', { type: PreviewActionEnum, description: 'What would be done.' }),
    subject: t.exposeString('subject', { description: 'Path (as text) or table at the target.' }),
    bytes: t.field({ type: 'BigInt', description: 'Bytes that would be written.', resolve: ({ bytes }) => bytes }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why, where the action does not say it all.' }),
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
    args: { input: t.arg({ type: RestoreInput, required: true, description: 'What to put back, and where.' }) },
    resolve: (_root, { input }, context) => attempt(() => context.services.previews.restore(restoreInput(input))),
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
}));
