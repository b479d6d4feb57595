/** Making, changing and deleting backups. */
import { BackupRef } from './backup.ts';
import { builder } from './builder.ts';
import { actorOf, DeletedType, given, LabelInput } from './common.ts';
import { BackupTypeEnum } from './enums.ts';
import { attempt } from './failures.ts';
import { localId } from './ids.ts';

const CreateBackupInput = builder.inputType('CreateBackupInput', {
  description: 'A backup to make.',
  fields: (t) => ({
    workloadId: t.id({ required: true, description: 'Global id of the workload to back up.' }),
    repositoryId: t.id({ required: true, description: 'Global id of the repository to keep it in.' }),
    type: t.field({ type: BackupTypeEnum, required: true, defaultValue: 'FULL', description: 'What to read.' }),
    name: t.string({
      description: 'Name for people, at most 200 characters; made of workload, type and time when absent.',
    }),
    sources: t.stringList({ description: 'Names of sources; all of the type when absent or empty.' }),
    includeTables: t.stringList({
      description: 'Patterns of tables to include, for instance `public.*`; all when absent or empty.',
    }),
    excludeTables: t.stringList({ description: 'Patterns of tables to leave out; wins over `includeTables`.' }),
    excludeTableData: t.stringList({
      description: 'Patterns of tables to take without their rows, for instance `public.session*`.',
    }),
    retentionDays: t.int({ description: 'Days to keep it, 1 to 36,500; until it is deleted when absent.' }),
    pinned: t.boolean({ description: 'Whether it never expires; false when absent.' }),
    notes: t.string({ description: 'Notes for people, at most 10,000 characters.' }),
    labels: t.field({ type: [LabelInput], description: 'Labels to sort and find it by; at most 50.' }),
  }),
});

const UpdateBackupInput = builder.inputType('UpdateBackupInput', {
  description: 'Changes to what a backup is called and how long it stays; what is absent or null stays as it is.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the backup.' }),
    name: t.string({ description: 'New name, at most 200 characters.' }),
    notes: t.string({ description: 'New notes, at most 10,000 characters; empty clears them.' }),
    labels: t.field({ type: [LabelInput], description: 'All labels it shall have; an empty list clears them.' }),
    pinned: t.boolean({ description: 'Whether it never expires.' }),
  }),
});

const backupIdInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      id: t.id({ required: true, description: 'Global id of the backup.' }),
    }),
  });

const CancelBackupInput = backupIdInput('CancelBackupInput', 'A backup to cancel.');
const RetryBackupInput = backupIdInput('RetryBackupInput', 'A backup to try again.');
const DeleteBackupInput = backupIdInput('DeleteBackupInput', 'A backup to delete.');

builder.mutationFields((t) => ({
  createBackup: t.prismaField({
    type: BackupRef,
    description: 'Queues a backup and answers it at once. Watch it with `backupProgress`.',
    errors: {},
    args: { input: t.arg({ type: CreateBackupInput, required: true, description: 'What to back up, and where to.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { id } = await context.services.backups.create(actorOf(context), {
          ...given(input),
          workloadId: localId(input.workloadId, 'Workload', 'workloadId'),
          repositoryId: localId(input.repositoryId, 'Repository', 'repositoryId'),
        });
        return context.prisma.backup.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  updateBackup: t.prismaField({
    type: BackupRef,
    description: 'Renames, annotates, labels or pins a backup. Its data does not change.',
    errors: {},
    args: { input: t.arg({ type: UpdateBackupInput, required: true, description: 'What to change.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const id = localId(input.id, 'Backup', 'id');
        await context.services.backups.update(actorOf(context), { ...given(input), id });
        return context.prisma.backup.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  cancelBackup: t.prismaField({
    type: BackupRef,
    description:
      'Cancels a backup: a queued one at once, a running one within two seconds. A ConflictError when it has ended. ' +
      'What it had stored is used again by a retry.',
    errors: {},
    args: { input: t.arg({ type: CancelBackupInput, required: true, description: 'What to cancel.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { id } = await context.services.backups.cancel(actorOf(context), localId(input.id, 'Backup', 'id'));
        return context.prisma.backup.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  retryBackup: t.prismaField({
    type: BackupRef,
    description: 'Queues a failed or cancelled backup again; what it had stored is found and used.',
    errors: {},
    args: { input: t.arg({ type: RetryBackupInput, required: true, description: 'What to try again.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { id } = await context.services.backups.retry(actorOf(context), localId(input.id, 'Backup', 'id'));
        return context.prisma.backup.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  deleteBackup: t.field({
    type: DeletedType,
    description:
      'Deletes a backup with its snapshot, restores and verifications. A ConflictError while it, or a restore or ' +
      'verification of it, runs. After an OperationFailedError it can be sent again.',
    errors: {},
    args: { input: t.arg({ type: DeleteBackupInput, required: true, description: 'What to delete.' }) },
    resolve: (_root, { input }, context) =>
      attempt(async () => {
        await context.services.backups.delete(actorOf(context), localId(input.id, 'Backup', 'id'));
        return { deletedId: input.id };
      }),
  }),
}));
