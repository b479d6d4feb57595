/** Workloads: what is restored together. */
import type { Prisma } from '../catalogue/generated/prisma/client.ts';
import { builder } from './builder.ts';
import { LabelInput, LabelType } from './common.ts';
import { idOrName } from './ids.ts';
import { OrderDirectionEnum } from './enums.ts';
import { pageCost, readPage } from './paging.ts';
import { storedLabels } from './stored-json.ts';
import { containing } from './text-filter.ts';

export const WorkloadType = builder.prismaNode('Workload', {
  description:
    'What is restored together: an application with its databases, its uploaded files and its configuration.',
  id: { field: 'id' },
  nullable: true,
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Unique name, 1 to 100 characters.' }),
    description: t.exposeString('description', { description: 'What it is, for people; may be empty.' }),
    labels: t.field({
      type: [LabelType],
      description: 'Labels to sort and find it by.',
      select: { labels: true },
      resolve: (workload) => storedLabels(workload.labels),
    }),
    sources: t.relation('sources', {
      description: 'The parts it is made of, by name.',
      query: { orderBy: { name: 'asc' } },
      complexity: { field: 1, multiplier: 5 },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was created.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
});

const WorkloadFilter = builder.inputType('WorkloadFilter', {
  description: 'Which workloads; every condition that is given must hold.',
  fields: (t) => ({
    text: t.string({ description: 'Occurs in the name or the description, in any case.' }),
    labels: t.field({ type: [LabelInput], description: 'Has all of these labels.' }),
  }),
});

const WorkloadOrderField = builder.enumType('WorkloadOrderField', {
  description: 'What workloads can be ordered by.',
  values: {
    NAME: { value: 'name', description: 'Their name.' },
    CREATED_AT: { value: 'createdAt', description: 'When they were created.' },
  } as const,
});

const WorkloadOrder = builder.inputType('WorkloadOrder', {
  description: 'Order of workloads; equal ones are ordered by id.',
  fields: (t) => ({
    field: t.field({
      type: WorkloadOrderField,
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

function workloadWhere(filter: typeof WorkloadFilter.$inferInput | null | undefined): Prisma.WorkloadWhereInput {
  const where: Prisma.WorkloadWhereInput = {};
  if (typeof filter?.text === 'string') {
    where.OR = [{ name: containing(filter.text) }, { description: containing(filter.text) }];
  }
  if (filter?.labels) where.labels = { array_contains: filter.labels.map(({ key, value }) => ({ key, value })) };
  return where;
}

const WorkloadConnection = builder.connectionObject({
  type: WorkloadType,
  name: 'WorkloadConnection',
  description: 'A page of workloads.',
});

builder.queryFields((t) => ({
  workload: t.prismaField({
    type: WorkloadType,
    nullable: true,
    description: 'One workload, by `id` or by `name` (give exactly one); null when there is none.',
    args: {
      id: t.arg.id({ description: 'Its global id.' }),
      name: t.arg.string({ description: 'Its name, exactly.' }),
    },
    resolve: (query, _root, { id, name }, { prisma }) =>
      prisma.workload.findUnique({ ...query, where: idOrName(id, name, 'Workload') }),
  }),
  workloads: t.prismaConnection(
    {
      type: WorkloadType,
      cursor: 'id',
      description: 'Workloads, by name unless ordered otherwise.',
      args: {
        filter: t.arg({ type: WorkloadFilter, description: 'Which ones; all when absent.' }),
        orderBy: t.arg({ type: WorkloadOrder, description: 'In which order; by name when absent.' }),
      },
      complexity: pageCost,
      totalCount: (_root, { filter }, { prisma }) => prisma.workload.count({ where: workloadWhere(filter) }),
      resolve: (query, _root, args, { prisma }) => {
        const { field, direction } = args.orderBy ?? { field: 'name' as const, direction: 'asc' as const };
        return readPage(
          args,
          query,
          () =>
            prisma.workload.findMany({
              ...query,
              where: workloadWhere(args.filter),
              orderBy: [{ [field]: direction }, { id: direction }],
            }),
          (id) => prisma.workload.findUnique({ where: { id }, select: { id: true } }),
        );
      },
    },
    WorkloadConnection,
  ),
}));
