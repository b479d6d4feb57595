/** Changes to repositories. */
import { builder } from './builder.ts';
import { actorOf, DeletedType, given } from './common.ts';
import { attempt } from './failures.ts';
import { localId } from './ids.ts';
import { repositoryKey } from './repository-key.ts';
import { RepositoryType } from './repository.ts';

const PluginInput = builder.inputType('PluginInput', {
  description: 'A plugin with its configuration.',
  fields: (t) => ({
    plugin: t.string({ required: true, description: 'Name of the plugin, as `plugins` lists them.' }),
    configuration: t.field({
      type: 'JSON',
      description: "An object as the plugin's `configurationSchema` says, secret fields included; empty when absent.",
    }),
  }),
});

const limit = (what: string, otherwise: string) =>
  `Bytes a second that each worker ${what} the storage target at most, from 64 KiB (65536) to 1 TiB; ${otherwise}.`;

const CreateRepositoryInput = builder.inputType('CreateRepositoryInput', {
  description: 'A repository to make. Give a passphrase or a key file; without it nothing can ever be read again.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique name, 1 to 100 characters.' }),
    storage: t.field({ type: PluginInput, required: true, description: 'Where its objects shall lie.' }),
    compressor: t.field({ type: PluginInput, description: 'What makes its data smaller; `zstd` when absent.' }),
    compressionLevel: t.int({
      description: 'Level for the compressor; when absent, the one that suits each block (`auto`).',
    }),
    encryptor: t.field({ type: PluginInput, description: 'What seals its data; `aes-256-gcm` when absent.' }),
    uploadBytesPerSecond: t.field({ type: 'BigInt', description: limit('writes to', 'no limit when 0 or absent') }),
    downloadBytesPerSecond: t.field({ type: 'BigInt', description: limit('reads from', 'no limit when 0 or absent') }),
    passphrase: t.string({ description: 'Passphrase that opens it. Not with `keyFile`.' }),
    keyFile: t.string({
      description: 'Content of a key file in base64, 32 bytes to 64 KiB. Not with `passphrase`.',
    }),
  }),
});

const AttachRepositoryInput = builder.inputType('AttachRepositoryInput', {
  description: 'A repository that is there already. Its design is read from it.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique name, 1 to 100 characters.' }),
    storage: t.field({ type: PluginInput, required: true, description: 'Where its objects lie.' }),
    uploadBytesPerSecond: t.field({ type: 'BigInt', description: limit('writes to', 'no limit when 0 or absent') }),
    downloadBytesPerSecond: t.field({ type: 'BigInt', description: limit('reads from', 'no limit when 0 or absent') }),
    passphrase: t.string({ description: 'Passphrase of one of its key slots. Not with `keyFile`.' }),
    keyFile: t.string({
      description: 'Content of the key file of one of its key slots, in base64. Not with `passphrase`.',
    }),
  }),
});

const UpdateRepositoryInput = builder.inputType('UpdateRepositoryInput', {
  description: 'Changes to a repository; what is absent or null stays as it is.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the repository.' }),
    name: t.string({ description: 'New unique name, 1 to 100 characters.' }),
    uploadBytesPerSecond: t.field({ type: 'BigInt', description: limit('writes to', '0 lifts the limit') }),
    downloadBytesPerSecond: t.field({ type: 'BigInt', description: limit('reads from', '0 lifts the limit') }),
  }),
});

const DeleteRepositoryInput = builder.inputType('DeleteRepositoryInput', {
  description: 'A repository to forget.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the repository.' }),
    force: t.boolean({
      required: true,
      defaultValue: false,
      description:
        'Forget it although backups point to it, and forget those with it. Their data stays in the storage target.',
    }),
  }),
});

const TestRepositoryInput = builder.inputType('TestRepositoryInput', {
  description: 'A repository to test.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the repository.' }),
  }),
});

const AddRepositoryKeyInput = builder.inputType('AddRepositoryKeyInput', {
  description: 'A key to add to a repository: give a passphrase or a key file.',
  fields: (t) => ({
    repositoryId: t.id({ required: true, description: 'Global id of the repository.' }),
    passphrase: t.string({ description: 'The new passphrase. Not with `keyFile`.' }),
    keyFile: t.string({
      description: 'Content of the new key file in base64, 32 bytes to 64 KiB. Not with `passphrase`.',
    }),
  }),
});

const RemoveRepositoryKeyInput = builder.inputType('RemoveRepositoryKeyInput', {
  description: 'A key to remove from a repository.',
  fields: (t) => ({
    repositoryId: t.id({ required: true, description: 'Global id of the repository.' }),
    slot: t.string({ required: true, description: 'The slot, as `keySlots` lists them.' }),
  }),
});

type PluginGiven = typeof PluginInput.$inferInput;
const plugin = ({ plugin: name, configuration }: PluginGiven) => ({
  plugin: name,
  ...(configuration !== null && configuration !== undefined && { configuration }),
});

interface LimitsGiven {
  readonly uploadBytesPerSecond?: bigint | null | undefined;
  readonly downloadBytesPerSecond?: bigint | null | undefined;
}
const limits = ({ uploadBytesPerSecond, downloadBytesPerSecond }: LimitsGiven) =>
  given({ uploadBytesPerSecond, downloadBytesPerSecond });

builder.mutationFields((t) => ({
  createRepository: t.prismaField({
    type: RepositoryType,
    description: 'Makes an empty repository. A ConflictError when there is one already: attach it instead.',
    errors: {},
    args: { input: t.arg({ type: CreateRepositoryInput, required: true, description: 'What to make.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { id } = await context.services.repositories.create(actorOf(context), {
          name: input.name,
          storage: plugin(input.storage),
          ...(input.compressor && { compressor: plugin(input.compressor) }),
          ...given({ compressionLevel: input.compressionLevel }),
          ...(input.encryptor && { encryptor: plugin(input.encryptor) }),
          ...limits(input),
          ...repositoryKey(input),
        });
        return context.prisma.repository.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  attachRepository: t.prismaField({
    type: RepositoryType,
    description: 'Remembers a repository that is there already, made here or elsewhere.',
    errors: {},
    args: { input: t.arg({ type: AttachRepositoryInput, required: true, description: 'What to attach.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { id } = await context.services.repositories.attach(actorOf(context), {
          name: input.name,
          storage: plugin(input.storage),
          ...limits(input),
          ...repositoryKey(input),
        });
        return context.prisma.repository.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  updateRepository: t.prismaField({
    type: RepositoryType,
    description: 'Renames a repository, or changes its limits; runs under way heed those within a few seconds.',
    errors: {},
    args: { input: t.arg({ type: UpdateRepositoryInput, required: true, description: 'What to change.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const id = localId(input.id, 'Repository', 'id');
        await context.services.repositories.update(actorOf(context), {
          ...given({ name: input.name }),
          ...limits(input),
          id,
        });
        return context.prisma.repository.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  deleteRepository: t.field({
    type: DeletedType,
    description:
      'Forgets a repository; its objects stay where they are and can be attached again. A ConflictError while ' +
      'backups point to it, unless forced, and always while a run uses it.',
    errors: {},
    args: { input: t.arg({ type: DeleteRepositoryInput, required: true, description: 'What to forget.' }) },
    resolve: (_root, { input }, context) =>
      attempt(async () => {
        const id = localId(input.id, 'Repository', 'id');
        await context.services.repositories.delete(actorOf(context), { id, force: input.force });
        return { deletedId: input.id };
      }),
  }),
  testRepository: t.prismaField({
    type: RepositoryType,
    description: 'Opens a repository and proves that its storage can be written; answers it, or what is wrong.',
    errors: {},
    args: { input: t.arg({ type: TestRepositoryInput, required: true, description: 'What to test.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const id = localId(input.id, 'Repository', 'id');
        await context.services.repositories.test(id);
        return context.prisma.repository.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  addRepositoryKey: t.prismaField({
    type: RepositoryType,
    description: 'Adds a key to a repository; every key opens all of it. Nothing is written anew.',
    errors: {},
    args: { input: t.arg({ type: AddRepositoryKeyInput, required: true, description: 'What to add.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const repositoryId = localId(input.repositoryId, 'Repository', 'repositoryId');
        const key = repositoryKey(input);
        const { id } = await context.services.repositories.addKey(actorOf(context), { repositoryId, ...key });
        return context.prisma.repository.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  removeRepositoryKey: t.prismaField({
    type: RepositoryType,
    description:
      'Removes a key of a repository; never the last, nor the one that Strongroom itself uses (ConflictError).',
    errors: {},
    args: { input: t.arg({ type: RemoveRepositoryKeyInput, required: true, description: 'What to remove.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const repositoryId = localId(input.repositoryId, 'Repository', 'repositoryId');
        const { slot } = input;
        const { id } = await context.services.repositories.removeKey(actorOf(context), { repositoryId, slot });
        return context.prisma.repository.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
}));
