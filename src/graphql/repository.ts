/** Repositories: where backups are kept. */
import type { Prisma } from '../catalogue/generated/prisma/client.ts';
import type { RepositoryUsage } from '../services/repositories.ts';
import { builder } from './builder.ts';
import { KeySlotKindEnum, OrderDirectionEnum } from './enums.ts';
import { idOrName } from './ids.ts';
import { pageCost, readPage } from './paging.ts';
import { storedKeySlots, type StoredKeySlot } from './stored-json.ts';
import { containing } from './text-filter.ts';

interface ConfiguredPlugin {
  readonly plugin: string;
  readonly configuration: unknown;
  readonly secretsSet: readonly string[];
}

const ConfiguredPluginType = builder.objectRef<ConfiguredPlugin>('ConfiguredPlugin').implement({
  description: 'A plugin with its configuration.',
  fields: (t) => ({
    plugin: t.exposeString('plugin', { description: 'Name of the plugin; see `plugins`.' }),
    configuration: t.expose('configuration', {
      type: 'JSON',
      description: 'Its configuration, without its secret fields: those never leave Strongroom.',
    }),
    secretsSet: t.stringList({
      description: 'Names of the secret fields that are stored, sealed.',
      resolve: ({ secretsSet }) => [...secretsSet],
    }),
  }),
});

const KeySlotType = builder.objectRef<StoredKeySlot>('KeySlot').implement({
  description: 'One of the keys that open a repository.',
  fields: (t) => ({
    slot: t.exposeString('slot', { description: 'Its id inside the repository, for `removeRepositoryKey`.' }),
    kind: t.expose('kind', { type: KeySlotKindEnum, description: 'What opens it.' }),
    createdAt: t.field({
      type: 'DateTime',
      description: 'When it was added.',
      resolve: (slot) => new Date(slot.createdAt),
    }),
  }),
});

const RepositoryUsageType = builder.objectRef<RepositoryUsage>('RepositoryUsage').implement({
  description: 'What lies in a repository, at most some seconds old.',
  fields: (t) => ({
    snapshots: t.field({
      type: 'BigInt',
      description: 'Number of snapshots, those of other catalogues included.',
      resolve: (usage) => usage.snapshots,
    }),
    storedBytes: t.field({
      type: 'BigInt',
      description: 'Bytes of all its objects on the storage target.',
      resolve: (usage) => usage.storedBytes,
    }),
    freeBytes: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Bytes that the storage target has left; null where it cannot tell.',
      resolve: (usage) => usage.freeBytes,
    }),
  }),
});

export const RepositoryType = builder.prismaNode('Repository', {
  description: 'Where backups are kept: a storage target with a compressor, an encryptor and a key ring.',
  id: { field: 'id' },
  nullable: true,
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique name, 1 to 100 characters.' }),
    storage: t.field({
      type: ConfiguredPluginType,
      description: 'Where its objects lie.',
      select: { id: true, storagePlugin: true, storageConfiguration: true, sealedStorageSecrets: true },
      resolve: (repository, _args, { services }) => ({
        plugin: repository.storagePlugin,
        configuration: repository.storageConfiguration,
        secretsSet: services.secretNames({
          of: 'repository',
          id: repository.id,
          sealed: repository.sealedStorageSecrets,
        }),
      }),
    }),
    compressor: t.field({
      type: ConfiguredPluginType,
      description: 'What makes its data smaller.',
      select: { compressorPlugin: true, compressorConfiguration: true },
      resolve: (repository) => ({
        plugin: repository.compressorPlugin,
        configuration: repository.compressorConfiguration,
        secretsSet: [],
      }),
    }),
    encryptor: t.field({
      type: ConfiguredPluginType,
      description: 'What seals its data.',
      select: { encryptorPlugin: true, encryptorConfiguration: true },
      resolve: (repository) => ({
        plugin: repository.encryptorPlugin,
        configuration: repository.encryptorConfiguration,
        secretsSet: [],
      }),
    }),
    compressionLevel: t.exposeInt('compressionLevel', {
      nullable: true,
      description: 'Level given to the compressor; null means the one that suits each block (`auto`).',
    }),
    repositoryId: t.exposeString('repositoryId', {
      description: "The repository's own id, 32 hexadecimal digits, the same wherever it is attached.",
    }),
    formatVersion: t.exposeInt('formatVersion', { description: 'Version of its format on disk; docs/format.md.' }),
    uploadBytesPerSecond: t.expose('uploadBytesPerSecond', {
      type: 'BigInt',
      nullable: true,
      description: 'Bytes a second that each worker writes to the storage target at most; null when there is no limit.',
    }),
    downloadBytesPerSecond: t.expose('downloadBytesPerSecond', {
      type: 'BigInt',
      nullable: true,
      description:
        'Bytes a second that each worker reads from the storage target at most; null when there is no limit.',
    }),
    keySlots: t.field({
      type: [KeySlotType],
      description: 'The keys that open it, as last seen.',
      select: { keySlots: true },
      resolve: (repository) => storedKeySlots(repository.keySlots),
    }),
    usage: t.field({
      type: RepositoryUsageType,
      nullable: true,
      complexity: 50,
      description: 'What lies in it. The storage target is asked: null with an error when it is out of reach.',
      select: { id: true },
      resolve: ({ id }, _args, { services }) => services.repositories.usage(id),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created or attached.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

const RepositoryFilter = builder.inputType('RepositoryFilter', {
  description: 'Which repositories; every condition that is given must hold.',
  fields: (t) => ({
    text: t.string({ description: 'Occurs in the name, in any case.' }),
    storagePlugin: t.string({ description: 'Lies on a storage target of this plugin.' }),
  }),
});

const RepositoryOrderField = builder.enumType('RepositoryOrderField', {
  description: 'What repositories can be ordered by.',
  values: {
    NAME: { value: 'name', description: 'Their name.' },
    CREATED_AT: { value: 'createdAt', description: 'When they were created or attached.' },
  } as const,
});

const RepositoryOrder = builder.inputType('RepositoryOrder', {
  description: 'Order of repositories; equal ones are ordered by id.',
  fields: (t) => ({
    field: t.field({
      type: RepositoryOrderField,
      required: true,
      defaultValue: 'name',
      description: 'What to order by.',
    }),
    direction: t.field({
      type: OrderDirectionEnum,
      required: true,
      defaultValue: 'asc',
      description: 'Which end first.',
    }),
  }),
});

function repositoryWhere(filter: typeof RepositoryFilter.$inferInput | null | undefined): Prisma.RepositoryWhereInput {
  const where: Prisma.RepositoryWhereInput = {};
  if (typeof filter?.text === 'string') where.name = containing(filter.text);
  if (typeof filter?.storagePlugin === 'string') where.storagePlugin = filter.storagePlugin;
  return where;
}

const RepositoryConnection = builder.connectionObject({
  type: RepositoryType,
  name: 'RepositoryConnection',
  description: 'A page of repositories.',
});

builder.queryFields((t) => ({
  repository: t.prismaField({
    type: RepositoryType,
    nullable: true,
    description: 'One repository, by `id` or by `name` (give exactly one); null when there is none.',
    args: {
      id: t.arg.id({ description: 'Its global id.' }),
      name: t.arg.string({ description: 'Its name, exactly.' }),
    },
    resolve: (query, _root, { id, name }, { prisma }) =>
      prisma.repository.findUnique({ ...query, where: idOrName(id, name, 'Repository') }),
  }),
  repositories: t.prismaConnection(
    {
      type: RepositoryType,
      cursor: 'id',
      description: 'Repositories, by name unless ordered otherwise.',
      args: {
        filter: t.arg({ type: RepositoryFilter, description: 'Which ones; all when absent.' }),
        orderBy: t.arg({ type: RepositoryOrder, description: 'In which order; by name when absent.' }),
      },
      complexity: pageCost,
      totalCount: (_root, { filter }, { prisma }) => prisma.repository.count({ where: repositoryWhere(filter) }),
      resolve: (query, _root, args, { prisma }) => {
        const { field, direction } = args.orderBy ?? { field: 'name' as const, direction: 'asc' as const };
        return readPage(
          args,
          query,
          () =>
            prisma.repository.findMany({
              ...query,
              where: repositoryWhere(args.filter),
              orderBy: [{ [field]: direction }, { id: direction }],
            }),
          (id) => prisma.repository.findUnique({ where: { id }, select: { id: true } }),
        );
      },
    },
    RepositoryConnection,
  ),
}));
