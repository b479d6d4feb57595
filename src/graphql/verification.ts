/** Verifications: checks of a backup. */
import { BackupRef } from './backup.ts';
import { builder } from './builder.ts';
import { actorOf, RunErrorType, storedError } from './common.ts';
import { RunStatusEnum, VerificationLevelEnum } from './enums.ts';
import { attempt } from './failures.ts';
import { localId } from './ids.ts';
import { durationSeconds } from './run-fields.ts';
import { storedDamage, type StoredDamage } from './stored-json.ts';

const DamageType = builder.objectRef<StoredDamage>('Damage').implement({
  description: 'One object of a repository that is missing or not what was stored.',
  fields: (t) => ({
    object: t.exposeString('object', { description: 'Its key in the storage target.' }),
    offset: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Byte where the damage begins; null when the whole object is concerned.',
      resolve: ({ offset }) => offset,
    }),
    reason: t.exposeString('reason', { description: 'What is wrong with it, for people.' }),
    paths: t.exposeStringList('paths', { description: 'Paths of the backup that need it; the first 100.' }),
  }),
});

export const VerificationRef = builder.prismaNode('Verification', {
  description: 'One check of a backup.',
  id: { field: 'id' },
  nullable: true,
  select: { id: true },
  fields: (t) => ({
    backup: t.relation('backup', { description: 'What is checked.' }),
    level: t.expose('level', { type: VerificationLevelEnum, description: 'How thoroughly.' }),
    status: t.expose('status', {
      type: RunStatusEnum,
      description:
        'Where it stands. SUCCEEDED means that the check was made, not that it found the backup sound: see `sound`.',
    }),
    sound: t.exposeBoolean('sound', {
      nullable: true,
      description: 'The verdict: every byte is what was stored. Null until the check has been made.',
    }),
    objectsRead: t.expose('objectsRead', {
      type: 'BigInt',
      nullable: true,
      description: 'Number of stored objects read; null until the check has been made.',
    }),
    bytesRead: t.expose('bytesRead', {
      type: 'BigInt',
      nullable: true,
      description: 'Bytes read from the storage target; null until the check has been made.',
    }),
    damage: t.field({
      type: [DamageType],
      description: 'Every object found missing or damaged; empty when sound.',
      select: { damage: true },
      resolve: ({ damage }) => storedDamage(damage),
    }),
    initiatedBy: t.exposeString('initiatedBy', {
      description: 'Who or what asked for it, for instance `token:laptop`.',
    }),
    error: t.field({
      type: RunErrorType,
      nullable: true,
      description: 'Why the check could not be made; null otherwise.',
      select: { errorCode: true, errorDetails: true },
      resolve: ({ errorCode, errorDetails }) => storedError(errorCode, errorDetails),
    }),
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

builder.prismaObjectField(BackupRef, 'verifications', (t) =>
  t.relation('verifications', {
    description: 'Its verifications, newest first; at most the newest 100.',
    query: { orderBy: [{ createdAt: 'desc' }, { id: 'desc' }], take: 100 },
    complexity: { field: 1, multiplier: 20 },
  }),
);

builder.queryField('verification', (t) =>
  t.prismaField({
    type: VerificationRef,
    nullable: true,
    description: 'One verification by its global id; null when there is none. Lists of them: `backup.verifications`.',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    resolve: (query, _root, { id }, { prisma }) =>
      prisma.verification.findUnique({ ...query, where: { id: localId(id, 'Verification', 'id') } }),
  }),
);

const VerifyBackupInput = builder.inputType('VerifyBackupInput', {
  description: 'A backup to verify.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the backup.' }),
    level: t.field({
      type: VerificationLevelEnum,
      required: true,
      defaultValue: 'DATA',
      description: 'How thoroughly.',
    }),
  }),
});

const CancelVerificationInput = builder.inputType('CancelVerificationInput', {
  description: 'A verification to cancel.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the verification.' }),
  }),
});

builder.mutationFields((t) => ({
  verifyBackup: t.prismaField({
    type: VerificationRef,
    description: 'Queues a verification and answers it at once. Watch it with `verificationProgress`.',
    errors: {},
    args: { input: t.arg({ type: VerifyBackupInput, required: true, description: 'What to verify.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const wanted = { backupId: localId(input.id, 'Backup', 'id'), level: input.level };
        const { id } = await context.services.verifications.create(actorOf(context), wanted);
        return context.prisma.verification.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  cancelVerification: t.prismaField({
    type: VerificationRef,
    description: 'Cancels a verification. A ConflictError when it has ended.',
    errors: {},
    args: { input: t.arg({ type: CancelVerificationInput, required: true, description: 'What to cancel.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const local = localId(input.id, 'Verification', 'id');
        const { id } = await context.services.verifications.cancel(actorOf(context), local);
        return context.prisma.verification.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
}));
