/** Changes to workloads. */
import { builder } from './builder.ts';
import { actorOf, DeletedType, given, LabelInput } from './common.ts';
import { attempt } from './failures.ts';
import { localId } from './ids.ts';
import { WorkloadType } from './workload.ts';

const CreateWorkloadInput = builder.inputType('CreateWorkloadInput', {
  description: 'A workload to create. Add its parts with `createSource`.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Unique name, 1 to 100 characters.' }),
    description: t.string({ description: 'What it is, for people.' }),
    labels: t.field({ type: [LabelInput], description: 'Labels to sort and find it by; at most 50.' }),
  }),
});

const UpdateWorkloadInput = builder.inputType('UpdateWorkloadInput', {
  description: 'Changes to a workload; what is absent or null stays as it is.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the workload.' }),
    name: t.string({ description: 'New unique name, 1 to 100 characters.' }),
    description: t.string({ description: 'New description; empty clears it.' }),
    labels: t.field({ type: [LabelInput], description: 'All labels it shall have; an empty list clears them.' }),
  }),
});

const DeleteWorkloadInput = builder.inputType('DeleteWorkloadInput', {
  description: 'A workload to delete.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the workload.' }),
  }),
});

builder.mutationFields((t) => ({
  createWorkload: t.prismaField({
    type: WorkloadType,
    description: 'Creates a workload without sources.',
    errors: {},
    args: { input: t.arg({ type: CreateWorkloadInput, required: true, description: 'What to create.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const { id } = await context.services.workloads.create(actorOf(context), { ...given(input), name: input.name });
        return context.prisma.workload.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  updateWorkload: t.prismaField({
    type: WorkloadType,
    description: 'Changes name, description or labels of a workload.',
    errors: {},
    args: { input: t.arg({ type: UpdateWorkloadInput, required: true, description: 'What to change.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const id = localId(input.id, 'Workload', 'id');
        await context.services.workloads.update(actorOf(context), { ...given(input), id });
        return context.prisma.workload.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  deleteWorkload: t.field({
    type: DeletedType,
    description: 'Deletes a workload and its sources. A ConflictError while backups of it exist: delete them first.',
    errors: {},
    args: { input: t.arg({ type: DeleteWorkloadInput, required: true, description: 'What to delete.' }) },
    resolve: (_root, { input }, context) =>
      attempt(async () => {
        await context.services.workloads.delete(actorOf(context), localId(input.id, 'Workload', 'id'));
        return { deletedId: input.id };
      }),
  }),
}));
