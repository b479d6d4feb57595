import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { mutate, type Result, startTestService, type TestService } from '../server/support/service.ts';

let service: TestService;
beforeAll(async () => {
  service = await startTestService({ STRONGROOM_WORKER_NAME: 'tower', STRONGROOM_LANES: '4' });
});
afterAll(() => service?.[Symbol.asyncDispose]());

const invalid = (field: string) => ({ __typename: 'InvalidInputError', code: 'INPUT_INVALID', field });

describe('limits of repositories', () => {
  const fields = 'id uploadBytesPerSecond downloadBytesPerSecond';
  const run = (name: string, input: Record<string, unknown>): Promise<Result> =>
    mutate(service, name, input, 'Repository', fields);
  const make = (name: string, limits: object) =>
    run('createRepository', {
      name,
      storage: { plugin: 'filesystem', configuration: { path: `${service.root}/${name}` } },
      passphrase: 'a long passphrase',
      ...limits,
    });

  test('are set, changed, lifted and kept', async () => {
    const made = await make('limited', { uploadBytesPerSecond: 1_048_576 });
    expect(made).toMatchObject({ uploadBytesPerSecond: '1048576', downloadBytesPerSecond: null });
    const { id } = made;
    expect(await run('updateRepository', { id, downloadBytesPerSecond: '5000000000' })).toMatchObject({
      uploadBytesPerSecond: '1048576',
      downloadBytesPerSecond: '5000000000',
    });
    expect(await run('updateRepository', { id, uploadBytesPerSecond: null })).toMatchObject({
      uploadBytesPerSecond: '1048576',
    });
    expect(await run('updateRepository', { id, uploadBytesPerSecond: 0 })).toMatchObject({
      uploadBytesPerSecond: null,
      downloadBytesPerSecond: '5000000000',
    });
    await mutate(service, 'deleteRepository', { id }, 'Deleted', 'deletedId');
    const attached = await run('attachRepository', {
      name: 'attached',
      storage: { plugin: 'filesystem', configuration: { path: `${service.root}/limited` } },
      passphrase: 'a long passphrase',
      downloadBytesPerSecond: '65536',
    });
    expect(attached).toMatchObject({ uploadBytesPerSecond: null, downloadBytesPerSecond: '65536' });
  });

  test('that make no sense are typed failures, and nothing is made', async () => {
    expect(await make('wrong', { uploadBytesPerSecond: 10 })).toMatchObject(invalid('uploadBytesPerSecond'));
    expect(await make('wrong', { downloadBytesPerSecond: '-65536' })).toMatchObject(invalid('downloadBytesPerSecond'));
    const { id } = await make('wrong', {});
    expect(await run('updateRepository', { id, uploadBytesPerSecond: '9223372036854775807' })).toMatchObject(
      invalid('uploadBytesPerSecond'),
    );
  });
});

describe('workers', () => {
  const fields = 'id name running lanes laneLimit startedAt lastSeenAt';
  const run = (input: Record<string, unknown>): Promise<Result> =>
    mutate(service, 'updateWorker', input, 'Worker', fields);
  const tower = () => service.ask('worker', `{ worker(name: "tower") { ${fields} } }`);

  test('are listed, found and limited', async () => {
    const found = await tower();
    expect(found).toMatchObject({ name: 'tower', running: true, lanes: 4, laneLimit: null });
    const listed = await service.ask<{ nodes: unknown[] }>(
      'workers',
      '{ workers { totalCount nodes { name } edges { cursor } } }',
    );
    expect(listed).toMatchObject({ totalCount: 1, nodes: [{ name: 'tower' }] });
    const id = found['id'];
    expect(await run({ id, laneLimit: 1 })).toMatchObject({ laneLimit: 1 });
    expect(await run({ id })).toMatchObject({ laneLimit: 1 });
    expect(await run({ id, laneLimit: 0 })).toMatchObject({ laneLimit: null });
    const node = await service.ask('node', 'query ($id: ID!) { node(id: $id) { ... on Worker { name } } }', { id });
    expect(node).toMatchObject({ name: 'tower' });
  });

  test('that are gone are listed as gone', async () => {
    const long = new Date(Date.now() - 3_600_000);
    await service.assembly.catalogue.prisma.worker.create({
      data: { name: 'old', instance: crypto.randomUUID(), lanes: 2, startedAt: long, lastSeenAt: long },
    });
    expect(await service.ask('worker', '{ worker(name: "old") { running } }')).toMatchObject({ running: false });
  });

  test('wrong limits and names are typed failures', async () => {
    const id = (await tower())['id'];
    expect(await run({ id, laneLimit: -1 })).toMatchObject(invalid('laneLimit'));
    expect(await run({ id, laneLimit: 1000 })).toMatchObject(invalid('laneLimit'));
    expect(await run({ id: 'nonsense', laneLimit: 1 })).toMatchObject(invalid('id'));
    const nowhere = Buffer.from('Worker:00000000-0000-7000-8000-000000000000').toString('base64url');
    expect(await run({ id: nowhere, laneLimit: 1 })).toMatchObject({ __typename: 'NotFoundError' });
  });
});
