/** What is restored together: create, change, delete. */
import { z } from 'zod';
import { StrongroomError } from '../errors.ts';
import type { Actor, Changed, Label } from './actor.ts';
import { type Change, recordChange } from './changes.ts';
import type { ServiceParts } from './deps.ts';
import { description, displayName, labels, parseInput } from './input.ts';
import { asJson, existing, namingUniquely } from './rows.ts';

export interface CreateWorkloadInput {
  /** Unique; 1 to 100 characters. */
  readonly name: string;
  readonly description?: string;
  readonly labels?: readonly Label[];
}

/** Fields that are absent stay as they are. */
export interface UpdateWorkloadInput extends Partial<CreateWorkloadInput> {
  readonly id: string;
}

/** Rejects with `INPUT_INVALID`, `OBJECT_NOT_FOUND`, `NAME_TAKEN`, `STATE_CONFLICT`. */
export interface Workloads {
  create(actor: Actor, input: CreateWorkloadInput): Promise<Changed>;
  update(actor: Actor, input: UpdateWorkloadInput): Promise<Changed>;
  /** Deletes the workload and its sources. `STATE_CONFLICT` while backups of it exist. */
  delete(actor: Actor, id: string): Promise<Changed>;
}

const created = z.strictObject({
  name: displayName,
  description: description.default(''),
  labels: labels.default([]),
});
const updated = z.strictObject({
  name: displayName.optional(),
  description: description.optional(),
  labels: labels.optional(),
});

export function createWorkloads({ prisma, ids }: Pick<ServiceParts, 'prisma' | 'ids'>): Workloads {
  const find = (id: string) =>
    existing('workload', id, (found) => prisma.workload.findUnique({ where: { id: found } }));

  return {
    async create(actor, input) {
      const { name, description: about, labels: given } = parseInput(created, input);
      const data = { id: ids(), name, description: about, labels: asJson(given) };
      return namingUniquely('workload', name, () =>
        prisma.$transaction(async (transaction) => {
          const row = await transaction.workload.create({ data });
          await recordChange(transaction, actor, changeOf('created', row, { after: row }));
          return { id: row.id };
        }),
      );
    },
    async update(actor, { id, ...input }) {
      const { name, description: about, labels: given } = parseInput(updated, input);
      const before = await find(id);
      const data = {
        ...(name !== undefined && { name }),
        ...(about !== undefined && { description: about }),
        ...(given !== undefined && { labels: asJson(given) }),
      };
      return namingUniquely('workload', name ?? before.name, () =>
        prisma.$transaction(async (transaction) => {
          const row = await transaction.workload.update({ where: { id }, data });
          await recordChange(transaction, actor, changeOf('updated', row, { before, after: row }));
          return { id };
        }),
      );
    },
    async delete(actor, id) {
      const before = await find(id);
      return prisma.$transaction(async (transaction) => {
        // A lock on the row, so that no backup is created meanwhile.
        await transaction.$queryRaw`SELECT 1 FROM workload WHERE id = ${id}::uuid FOR UPDATE`;
        const backups = await transaction.backup.count({ where: { workloadId: id } });
        if (backups > 0) {
          const reason = `it still has ${backups} backup${backups === 1 ? '' : 's'}; delete those first`;
          throw new StrongroomError('STATE_CONFLICT', { type: 'workload', id, state: 'in use', reason });
        }
        await transaction.workload.delete({ where: { id } });
        await recordChange(transaction, actor, changeOf('deleted', before, { before }));
        return { id };
      });
    },
  };
}

const changeOf = (
  what: 'created' | 'updated' | 'deleted',
  row: { readonly id: string; readonly name: string },
  states: Pick<Change, 'before' | 'after'>,
): Change => ({
  type: `workload.${what}`,
  summary: `Workload ${row.name} is ${what}.`,
  subject: { type: 'Workload', id: row.id },
  ...states,
});
