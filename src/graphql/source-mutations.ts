/** Changes to sources, and looks at what they lead to. */
import { builder } from './builder.ts';
import { actorOf, DeletedType, given } from './common.ts';
import { attempt } from './failures.ts';
import { localId } from './ids.ts';
import { DiscoveredItemsType, SourceType } from './source.ts';

const CreateSourceInput = builder.inputType('CreateSourceInput', {
  description: 'A source to add to a workload.',
  fields: (t) => ({
    workloadId: t.id({ required: true, description: 'Global id of the workload.' }),
    name: t.string({
      required: true,
      description:
        'Unique in its workload: 1 to 60 lower case letters, digits and dashes. Names a folder in every backup.',
    }),
    plugin: t.string({
      required: true,
      description: 'Name of a source plugin, as `plugins(kind: SOURCE)` lists them.',
    }),
    configuration: t.field({
      type: 'JSON',
      required: true,
      description:
        "An object as the plugin's `configurationSchema` says, secret fields included; those are stored sealed.",
    }),
  }),
});

const UpdateSourceInput = builder.inputType('UpdateSourceInput', {
  description: 'Changes to a source; what is absent or null stays as it is. Plugin and workload cannot be changed.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the source.' }),
    name: t.string({ description: 'New name. Backups made under the old one are restored into a directory.' }),
    configuration: t.field({
      type: 'JSON',
      description:
        'The whole new configuration; a secret field that is absent keeps its value, one that is null is removed.',
    }),
  }),
});

const sourceIdInput = (name: string, description: string) =>
  builder.inputType(name, {
    description,
    fields: (t) => ({
      id: t.id({ required: true, description: 'Global id of the source.' }),
    }),
  });

const DeleteSourceInput = sourceIdInput('DeleteSourceInput', 'A source to delete.');
const TestSourceInput = sourceIdInput('TestSourceInput', 'A source to test.');
const DiscoverSourceInput = sourceIdInput('DiscoverSourceInput', 'A source to look into.');

builder.mutationFields((t) => ({
  createSource: t.prismaField({
    type: SourceType,
    description: 'Adds a source to a workload. It is not reached yet: use `testSource`.',
    errors: {},
    args: { input: t.arg({ type: CreateSourceInput, required: true, description: 'What to add.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const workloadId = localId(input.workloadId, 'Workload', 'workloadId');
        const { name, plugin, configuration } = input;
        const source = { workloadId, name, plugin, configuration };
        const { id } = await context.services.sources.create(actorOf(context), source);
        return context.prisma.source.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  updateSource: t.prismaField({
    type: SourceType,
    description: 'Changes the name or the configuration of a source.',
    errors: {},
    args: { input: t.arg({ type: UpdateSourceInput, required: true, description: 'What to change.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const id = localId(input.id, 'Source', 'id');
        await context.services.sources.update(actorOf(context), { ...given(input), id });
        return context.prisma.source.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  deleteSource: t.field({
    type: DeletedType,
    description:
      'Deletes a source. What was backed up from it stays in its backups and can be restored into a directory.',
    errors: {},
    args: { input: t.arg({ type: DeleteSourceInput, required: true, description: 'What to delete.' }) },
    resolve: (_root, { input }, context) =>
      attempt(async () => {
        await context.services.sources.delete(actorOf(context), localId(input.id, 'Source', 'id'));
        return { deletedId: input.id };
      }),
  }),
  testSource: t.prismaField({
    type: SourceType,
    description: 'Proves that a source can be reached and read; answers the source, or what is wrong.',
    errors: {},
    args: { input: t.arg({ type: TestSourceInput, required: true, description: 'What to test.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const id = localId(input.id, 'Source', 'id');
        await context.services.sources.test(id);
        return context.prisma.source.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
  discoverSource: t.field({
    type: DiscoveredItemsType,
    description: 'Looks what there is to back up: tables with estimates, folders with sizes.',
    errors: {},
    args: { input: t.arg({ type: DiscoverSourceInput, required: true, description: 'What to look into.' }) },
    resolve: (_root, { input }, context) =>
      attempt(async () => ({ items: await context.services.sources.discover(localId(input.id, 'Source', 'id')) })),
  }),
}));
