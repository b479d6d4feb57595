/** Workers: the processes that run jobs. */
import { isRunning } from '../services/workers.ts';
import { builder } from './builder.ts';
import { actorOf, given } from './common.ts';
import { attempt } from './failures.ts';
import { idOrName, localId } from './ids.ts';
import { pageCost, readPage } from './paging.ts';

const WorkerType = builder.prismaNode('Worker', {
  description: 'A process that runs backups, restores and verifications. One that is gone stays listed for 30 days.',
  id: { field: 'id' },
  nullable: true,
  select: { id: true },
  fields: (t) => ({
    name: t.exposeString('name', {
      description:
        'Unique name: `STRONGROOM_WORKER_NAME` or the name of its host, with a number for a second one there.',
    }),
    running: t.boolean({
      description: 'Whether it runs jobs now: it was not stopped, and it gave a sign of life in the last seconds.',
      select: { stoppedAt: true, lastSeenAt: true },
      resolve: (worker, _args, { clock }) => isRunning(worker, clock.now()),
    }),
    lanes: t.exposeInt('lanes', { description: 'Threads that one run may use, as `STRONGROOM_LANES` says.' }),
    laneLimit: t.exposeInt('laneLimit', {
      nullable: true,
      description: 'Threads that may work for all its runs together; null when there is no limit.',
    }),
    startedAt: t.expose('startedAt', { type: 'DateTime', description: 'When it was last started.' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', description: 'When it last gave a sign of life.' }),
  }),
});

const UpdateWorkerInput = builder.inputType('UpdateWorkerInput', {
  description: 'Changes to a worker; what is absent or null stays as it is.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global id of the worker.' }),
    laneLimit: t.int({
      description:
        'Threads that may work for all its runs together, 1 to 256; they are shared out evenly, at least one for each run. ' +
        '0 lifts the limit.',
    }),
  }),
});

const WorkerConnection = builder.connectionObject({
  type: WorkerType,
  name: 'WorkerConnection',
  description: 'A page of workers.',
});

builder.queryFields((t) => ({
  worker: t.prismaField({
    type: WorkerType,
    nullable: true,
    description: 'One worker, by `id` or by `name` (give exactly one); null when there is none.',
    args: {
      id: t.arg.id({ description: 'Its global id.' }),
      name: t.arg.string({ description: 'Its name, exactly.' }),
    },
    resolve: (query, _root, { id, name }, { prisma }) =>
      prisma.worker.findUnique({ ...query, where: idOrName(id, name, 'Worker') }),
  }),
  workers: t.prismaConnection(
    {
      type: WorkerType,
      cursor: 'id',
      description: 'All workers by name, those that are gone included.',
      complexity: pageCost,
      totalCount: (_root, _args, { prisma }) => prisma.worker.count(),
      resolve: (query, _root, args, { prisma }) => {
        return readPage(
          args,
          query,
          () => prisma.worker.findMany({ ...query, orderBy: [{ name: 'asc' }, { id: 'asc' }] }),
          (id) => prisma.worker.findUnique({ where: { id }, select: { id: true } }),
        );
      },
    },
    WorkerConnection,
  ),
}));

builder.mutationFields((t) => ({
  updateWorker: t.prismaField({
    type: WorkerType,
    description: 'Changes the limit of a worker; runs under way heed it within a few seconds.',
    errors: {},
    args: { input: t.arg({ type: UpdateWorkerInput, required: true, description: 'What to change.' }) },
    resolve: (query, _root, { input }, context) =>
      attempt(async () => {
        const id = localId(input.id, 'Worker', 'id');
        await context.services.workers.update(actorOf(context), { ...given({ laneLimit: input.laneLimit }), id });
        return context.prisma.worker.findUniqueOrThrow({ ...query, where: { id } });
      }),
  }),
}));
