/** Which backups a list holds, and in which order. */
import type { Prisma } from '../catalogue/generated/prisma/client.ts';
import { builder } from './builder.ts';
import { LabelInput } from './common.ts';
import { BackupTypeEnum, OrderDirectionEnum, RunStatusEnum } from './enums.ts';
import { localId } from './ids.ts';
import { DateRangeInput, rangeWhere } from './run-fields.ts';
import { containing } from './text-filter.ts';

export const BackupFilter = builder.inputType('BackupFilter', {
  description: 'Which backups; every condition that is given must hold.',
  fields: (t) => ({
    status: t.field({ type: [RunStatusEnum], description: 'Is in one of these states.' }),
    type: t.field({ type: [BackupTypeEnum], description: 'Is of one of these types.' }),
    workloadId: t.id({ description: 'Is of the workload with this global id.' }),
    repositoryId: t.id({ description: 'Lies in the repository with this global id.' }),
    created: t.field({ type: DateRangeInput, description: 'Was created in this span.' }),
    labels: t.field({ type: [LabelInput], description: 'Has all of these labels.' }),
    text: t.string({ description: 'Occurs in the name or the notes, in any case.' }),
    pinned: t.boolean({ description: 'Is pinned, or is not.' }),
    verified: t.boolean({ description: 'Was found sound by a verification, or was not (yet).' }),
  }),
});

const BackupOrderField = builder.enumType('BackupOrderField', {
  description: 'What backups can be ordered by. Those that have no such value yet come last.',
  values: {
    CREATED_AT: { value: 'createdAt', description: 'When they were asked for.' },
    STARTED_AT: { value: 'startedAt', description: 'When they started.' },
    COMPLETED_AT: { value: 'completedAt', description: 'When they ended.' },
    LOGICAL_BYTES: { value: 'logicalBytes', description: 'How much a restore would write.' },
    STORED_BYTES: { value: 'storedBytes', description: 'How much they wrote to the repository.' },
    NAME: { value: 'name', description: 'Their name.' },
  } as const,
});

export const BackupOrder = builder.inputType('BackupOrder', {
  description: 'Order of backups; equal ones are ordered by id.',
  fields: (t) => ({
    field: t.field({
      type: BackupOrderField,
      required: true,
      defaultValue: 'createdAt',
      description: 'What to order by.',
    }),
    direction: t.field({
      type: OrderDirectionEnum,
      required: true,
      defaultValue: 'desc',
      description: 'Which end first.',
    }),
  }),
});

type Filter = typeof BackupFilter.$inferInput | null | undefined;
type Order = typeof BackupOrder.$inferInput | null | undefined;

/** The rows of a filter. Throws `INPUT_INVALID` for a malformed id in it. */
export function backupWhere(filter: Filter): Prisma.BackupWhereInput {
  const where: Prisma.BackupWhereInput = {};
  if (!filter) return where;
  if (filter.status) where.status = { in: filter.status };
  if (filter.type) where.type = { in: filter.type };
  if (filter.workloadId) where.workloadId = localId(filter.workloadId, 'Workload', 'filter.workloadId');
  if (filter.repositoryId) where.repositoryId = localId(filter.repositoryId, 'Repository', 'filter.repositoryId');
  const created = rangeWhere(filter.created);
  if (created) where.createdAt = created;
  if (filter.labels) where.labels = { array_contains: filter.labels.map(({ key, value }) => ({ key, value })) };
  if (typeof filter.text === 'string') {
    where.OR = [{ name: containing(filter.text) }, { notes: containing(filter.text) }];
  }
  if (typeof filter.pinned === 'boolean') where.pinned = filter.pinned;
  if (typeof filter.verified === 'boolean') where.verified = filter.verified;
  return where;
}

/** The order as Prisma wants it, newest first when absent. */
export function backupOrder(order: Order): Prisma.BackupOrderByWithRelationInput[] {
  const { field, direction } = order ?? { field: 'createdAt' as const, direction: 'desc' as const };
  if (field === 'createdAt' || field === 'name') return [{ [field]: direction }, { id: direction }];
  return [{ [field]: { sort: direction, nulls: 'last' } }, { id: direction }];
}
