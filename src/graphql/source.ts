/** Sources: the parts of a workload. */
import type { DiscoveredItem } from '../contracts/index.ts';
import { builder } from './builder.ts';
import { ContentKindEnum, DiscoveredKindEnum } from './enums.ts';
import { localId } from './ids.ts';

export const SourceType = builder.prismaNode('Source', {
  description: 'One part of a workload, read and restored by a source plugin.',
  id: { field: 'id' },
  nullable: true,
  select: { id: true },
  fields: (t) => ({
    workload: t.relation('workload', { description: 'The workload it belongs to.' }),
    name: t.exposeString('name', {
      description:
        'Unique in its workload: 1 to 60 lower case letters, digits and dashes. Names a folder in every backup.',
    }),
    plugin: t.exposeString('plugin', { description: 'Name of the source plugin that reads it; see `plugins`.' }),
    content: t.expose('content', { type: ContentKindEnum, description: 'What its data is; the plugin says so.' }),
    configuration: t.expose('configuration', {
      type: 'JSON',
      description: 'Configuration of the plugin, without its secret fields: those never leave Strongroom.',
    }),
    secretsSet: t.stringList({
      description: 'Names of the secret fields that are stored, sealed. Send a field again to replace it.',
      select: { id: true, sealedSecrets: true },
      resolve: ({ id, sealedSecrets }, _args, { services }) => [
        ...services.secretNames({ of: 'source', id, sealed: sealedSecrets }),
      ],
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

const DiscoveredItemType = builder.objectRef<DiscoveredItem>('DiscoveredItem').implement({
  description: 'One thing that a source could back up.',
  fields: (t) => ({
    kind: t.expose('kind', { type: DiscoveredKindEnum, description: 'What it is.' }),
    name: t.exposeString('name', { description: 'Path or qualified name.' }),
    rows: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Estimated number of rows of a table; null when unknown.',
      resolve: (item) => item.rows,
    }),
    bytes: t.field({
      type: 'BigInt',
      nullable: true,
      description: 'Estimated size in bytes; null when unknown.',
      resolve: (item) => item.bytes,
    }),
  }),
});

export const DiscoveredItemsType = builder
  .objectRef<{ readonly items: readonly DiscoveredItem[] }>('DiscoveredItems')
  .implement({
    description: 'What a source could back up.',
    fields: (t) => ({
      items: t.field({
        type: [DiscoveredItemType],
        description: 'Largest containers first; at most 10,000.',
        resolve: ({ items }) => [...items],
      }),
    }),
  });

builder.queryFields((t) => ({
  source: t.prismaField({
    type: SourceType,
    nullable: true,
    description: 'One source by its global id; null when there is none. Lists of them: `workload.sources`.',
    args: { id: t.arg.id({ required: true, description: 'Its global id.' }) },
    resolve: (query, _root, { id }, { prisma }) =>
      prisma.source.findUnique({ ...query, where: { id: localId(id, 'Source', 'id') } }),
  }),
}));
