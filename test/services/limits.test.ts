import { randomUUID as unique } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { actor, type Harness, refusal, startHarness } from './support/harness.ts';

const MIB = 2n ** 20n;

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness[Symbol.asyncDispose]());

const eventOf = (id: string, type: string) =>
  harness.catalogue.prisma.event.findFirst({ where: { subjectId: id, type }, orderBy: { sequence: 'desc' } });

describe('the bandwidth of a repository', () => {
  const rowOf = (id: string) => harness.catalogue.prisma.repository.findUniqueOrThrow({ where: { id } });

  test('is kept, changed with an event, and handed to the engine', async () => {
    const { repositoryId: id } = await harness.prepare();
    expect(await rowOf(id)).toMatchObject({ uploadBytesPerSecond: null, downloadBytesPerSecond: null });
    await harness.services.repositories.update(actor, { id, uploadBytesPerSecond: 10n * MIB });
    const { repositoryId } = await rowOf(id);
    await harness.services.repositories.update(actor, { id, downloadBytesPerSecond: 65_536n });
    expect(await eventOf(id, 'repository.updated')).toMatchObject({
      data: {
        before: { uploadBytesPerSecond: '10485760', downloadBytesPerSecond: null },
        after: { uploadBytesPerSecond: '10485760', downloadBytesPerSecond: '65536' },
      },
    });
    const bandwidth = { upload: 10_485_760, download: 65_536 };
    expect(harness.engine.limits.bandwidth.get(repositoryId)).toEqual(bandwidth);
    await harness.services.repositories.test(id);
    expect(harness.engine.calls.at(-1)).toMatchObject({ input: { repository: { bandwidth } } });

    await harness.services.repositories.update(actor, { id, uploadBytesPerSecond: 0n });
    expect(await rowOf(id)).toMatchObject({ uploadBytesPerSecond: null, downloadBytesPerSecond: 65_536n });
  });

  test('is given when a repository is made', async () => {
    const name = unique();
    const storage = { plugin: 'bucket', configuration: { address: name, credentials: { user: 'me', token: 't' } } };
    const input = { name, storage, passphrase: 'a long passphrase', uploadBytesPerSecond: MIB };
    const { id } = await harness.services.repositories.create(actor, input);
    expect(await rowOf(id)).toMatchObject({ uploadBytesPerSecond: MIB, downloadBytesPerSecond: null });
  });

  test('that makes no sense is refused, naming the field', async () => {
    const { repositoryId: id } = await harness.prepare();
    const update = (change: object) => refusal(harness.services.repositories.update(actor, { id, ...change }));
    for (const rate of [-1n, 1n, 65_535n, 2n ** 41n]) {
      expect(await update({ uploadBytesPerSecond: rate })).toMatchObject({
        code: 'INPUT_INVALID',
        field: 'uploadBytesPerSecond',
      });
    }
    expect(await update({ downloadBytesPerSecond: 1.5 })).toMatchObject({ field: 'downloadBytesPerSecond' });
  });

  test('is heeded by a run under way, whoever changed the row', async () => {
    await using _worker = await harness.work();
    const held = harness.engine.hold('backup');
    const place = await harness.prepare();
    const { id } = await harness.services.backups.create(actor, place);
    await held.started;
    const { repositoryId } = await harness.catalogue.prisma.repository.update({
      where: { id: place.repositoryId },
      data: { uploadBytesPerSecond: MIB },
    });
    await waitFor(() => harness.engine.limits.bandwidth.get(repositoryId)?.upload === Number(MIB), {
      message: 'the engine to be told',
    });
    held.release();
    expect(await harness.until('backup', id, 'SUCCEEDED')).toMatchObject({ attempts: 1 });
  });
});

describe('workers', () => {
  const rowOf = (name: string) => harness.catalogue.prisma.worker.findUnique({ where: { name } });

  test('are known while they live, and find their limit again', async () => {
    const name = unique();
    const worker = await harness.work(name);
    const row = await rowOf(name);
    expect(row).toMatchObject({ lanes: 4, laneLimit: null, stoppedAt: null });
    const id = row?.id ?? '';
    expect(harness.engine.limits.lanes).toBeUndefined();
    await harness.services.workers.update(actor, { id, laneLimit: 2 });
    expect(await eventOf(id, 'worker.updated')).toMatchObject({
      actor: 'token:tester',
      data: { before: { laneLimit: null }, after: { name, laneLimit: 2 } },
    });
    await waitFor(() => harness.engine.limits.lanes === 2, { message: 'the engine to be told' });
    const first = row?.lastSeenAt.getTime() ?? 0;
    await waitFor(async () => ((await rowOf(name))?.lastSeenAt.getTime() ?? 0) > first, { message: 'a sign of life' });
    await worker[Symbol.asyncDispose]();
    expect((await rowOf(name))?.stoppedAt).not.toBeNull();

    await harness.services.workers.update(actor, { id, laneLimit: 3 });
    await using _again = await harness.work(name);
    expect(await rowOf(name)).toMatchObject({ id, laneLimit: 3, stoppedAt: null });
    expect(harness.engine.limits.lanes).toBe(3);
    await harness.services.workers.update(actor, { id, laneLimit: 0 });
    await waitFor(() => harness.engine.limits.lanes === undefined, { message: 'the limit to be lifted' });
  });

  test('of one name are told apart; the row of one that died is taken over, and given up for another by it', async () => {
    const name = unique();
    await using _first = await harness.work(name);
    await using _second = await harness.work(name);
    expect(await rowOf(`${name}-2`)).toMatchObject({ stoppedAt: null });
    await harness.catalogue.prisma.worker.update({
      where: { name },
      data: { lastSeenAt: new Date(0), stoppedAt: new Date() },
    });
    await using _third = await harness.work(name);
    expect(await rowOf(name)).toMatchObject({ stoppedAt: null });
    await waitFor(() => rowOf(`${name}-3`), { message: 'the first one to have another row' });
  });

  test('that have been gone for long are forgotten', async () => {
    const name = unique();
    const long = new Date(Date.now() - 31 * 24 * 3600 * 1000);
    await harness.catalogue.prisma.worker.create({
      data: { name, instance: unique(), lanes: 1, startedAt: long, lastSeenAt: long },
    });
    await using _worker = await harness.work(unique());
    expect(await rowOf(name)).toBeNull();
  });

  test('say which field is wrong', async () => {
    const name = unique();
    await using _worker = await harness.work(name);
    const id = (await rowOf(name))?.id ?? '';
    const update = (change: object) => refusal(harness.services.workers.update(actor, { id, ...change }));
    for (const laneLimit of [-1, 257, 1.5]) {
      expect(await update({ laneLimit })).toMatchObject({ code: 'INPUT_INVALID', field: 'laneLimit' });
    }
    expect(await update({ id: unique(), laneLimit: 1 })).toMatchObject({ code: 'OBJECT_NOT_FOUND', type: 'worker' });
  });
});
