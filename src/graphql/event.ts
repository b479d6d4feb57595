/** Events: what happened. */
import type { Prisma } from '../catalogue/generated/prisma/client.ts';
import { builder } from './builder.ts';
import { EventSeverityEnum, OrderDirectionEnum } from './enums.ts';
import { globalId, parseGlobalId } from './ids.ts';
import { pageCost, readPage } from './paging.ts';
import { DateRangeInput, rangeWhere } from './run-fields.ts';
import { containing } from './text-filter.ts';

const subjectTypes: Readonly<Record<string, string>> = {
  workload: 'Workload',
  source: 'Source',
  repository: 'Repository',
  backup: 'Backup',
  restore: 'Restore',
  verification: 'Verification',
  accessToken: 'AccessToken',
  token: 'AccessToken',
};
const typeOf = (subject: string): string => subjectTypes[subject] ?? subject;

const EventRef = builder.prismaNode('Event', {
  description: 'Something that happened. Events are only ever added.',
  id: { field: 'id' },
  nullable: true,
  select: { id: true },
  fields: (t) => ({
    sequence: t.expose('sequence', {
      type: 'BigInt',
      description: 'Rises with every event, gaps are possible: a place to go on from.',
    }),
    type: t.exposeString('type', { description: 'What happened, for instance `backup.completed`.' }),
    severity: t.expose('severity', { type: EventSeverityEnum, description: 'How much it matters.' }),
    summary: t.exposeString('summary', { description: 'One line for people.' }),
    actor: t.exposeString('actor', { description: 'Who or what did it, for instance `token:laptop`.' }),
    subjectType: t.string({
      nullable: true,
      description: 'Type of the object it is about, for instance `Backup`; null when about none.',
      select: { subjectType: true },
      resolve: ({ subjectType }) => (subjectType === null ? null : typeOf(subjectType)),
    }),
    subjectId: t.id({
      nullable: true,
      description: 'Global id of the object it is about, which may be gone by now; null when about none.',
      select: { subjectType: true, subjectId: true },
      resolve: ({ subjectType, subjectId }) =>
        subjectType === null || subjectId === null ? null : globalId(typeOf(subjectType), subjectId),
    }),
    data: t.expose('data', { type: 'JSON', description: 'Details for programs; what is in it depends on the type.' }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened.' }),
  }),
});

const EventFilter = builder.inputType('EventFilter', {
  description: 'Which events; every condition that is given must hold.',
  fields: (t) => ({
    type: t.stringList({ description: 'Is of one of these types, for instance `backup.completed`.' }),
    severity: t.field({ type: [EventSeverityEnum], description: 'Matters that much.' }),
    subjectId: t.id({ description: 'Is about the object with this global id.' }),
    actor: t.string({ description: 'Was done by this actor, for instance `token:laptop`.' }),
    occurred: t.field({ type: DateRangeInput, description: 'Happened in this span.' }),
    text: t.string({ description: 'Occurs in the summary, in any case.' }),
  }),
});

const EventOrder = builder.inputType('EventOrder', {
  description: 'Order of events, by when they happened.',
  fields: (t) => ({
    direction: t.field({
      type: OrderDirectionEnum,
      required: true,
      defaultValue: 'desc',
      description: 'Which end first.',
    }),
  }),
});

function eventWhere(filter: typeof EventFilter.$inferInput | null | undefined): Prisma.EventWhereInput {
  const where: Prisma.EventWhereInput = {};
  if (!filter) return where;
  if (filter.type) where.type = { in: filter.type };
  if (filter.severity) where.severity = { in: filter.severity };
  if (filter.subjectId) where.subjectId = parseGlobalId(filter.subjectId, 'filter.subjectId').id;
  if (typeof filter.actor === 'string') where.actor = filter.actor;
  const occurred = rangeWhere(filter.occurred);
  if (occurred) where.occurredAt = occurred;
  if (typeof filter.text === 'string') where.summary = containing(filter.text);
  return where;
}

const EventConnection = builder.connectionObject({
  type: EventRef,
  name: 'EventConnection',
  description: 'A page of events.',
});

builder.queryField('events', (t) =>
  t.prismaConnection(
    {
      type: EventRef,
      cursor: 'id',
      description: 'What happened, newest first unless ordered otherwise.',
      args: {
        filter: t.arg({ type: EventFilter, description: 'Which ones; all when absent.' }),
        orderBy: t.arg({ type: EventOrder, description: 'In which order; newest first when absent.' }),
      },
      complexity: pageCost,
      totalCount: (_root, { filter }, { prisma }) => prisma.event.count({ where: eventWhere(filter) }),
      resolve: (query, _root, args, { prisma }) => {
        return readPage(
          args,
          query,
          () =>
            prisma.event.findMany({
              ...query,
              where: eventWhere(args.filter),
              orderBy: { sequence: args.orderBy?.direction ?? 'desc' },
            }),
          (id) => prisma.event.findUnique({ where: { id }, select: { id: true } }),
        );
      },
    },
    EventConnection,
  ),
);
