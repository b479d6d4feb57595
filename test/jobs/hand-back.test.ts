import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { jobOf } from '../../src/jobs/definitions.ts';
import { actor, type Harness, startHarness } from '../services/support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness[Symbol.asyncDispose]());

describe('a worker that is stopped', () => {
  test('gives its runs to others, unfailed', async () => {
    const worker = await harness.work();
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    const before = await harness.until('backup', id, 'RUNNING');
    await worker[Symbol.asyncDispose]();
    const row = await harness.until('backup', id, 'QUEUED');
    expect(row).toMatchObject({ errorCode: null, attempts: 1 });
    expect(row.jobId).not.toBe(before.jobId);

    await using _other = await harness.work();
    expect(await harness.until('backup', id, 'SUCCEEDED')).toMatchObject({ attempts: 2 });
  });

  test('ends what was cancelled', async () => {
    const worker = await harness.work();
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    await Promise.all([harness.services.backups.cancel(actor, id), worker[Symbol.asyncDispose]()]);
    await using _other = await harness.work();
    expect(await harness.until('backup', id, 'CANCELLED')).toMatchObject({ errorCode: null });
  });
});

describe('runs whose job is lost', () => {
  test('get a new one', async () => {
    const id = await harness.backup();
    const { jobId } = await harness.until('backup', id, 'QUEUED');
    await harness.queue.remove(harness.catalogue.prisma, jobOf.backup, jobId ?? '');
    await using _worker = await harness.work();
    const { jobId: renewed } = await harness.until('backup', id, 'SUCCEEDED');
    expect(renewed).not.toBe(jobId);
  });

  test('because every worker died with it have failed', async () => {
    const id = await harness.backup();
    await harness.catalogue.prisma.$executeRaw`UPDATE pgboss.job SET state = 'failed' WHERE singleton_key = ${id}`;
    await using _worker = await harness.work();
    expect(await harness.until('backup', id, 'FAILED')).toMatchObject({ errorCode: 'RUN_ABANDONED' });
  });
});
