import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { backupJob, runPayload } from '../../src/jobs/definitions.ts';
import { actor, type Harness, startHarness } from '../services/support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness[Symbol.asyncDispose]());

const jobsOf = (key: string): Promise<unknown[]> =>
  harness.catalogue.prisma.$queryRaw`SELECT id, state, data FROM pgboss.job WHERE singleton_key = ${key}`;

describe('the queue', () => {
  test('takes a job with the row or not at all', async () => {
    const key = randomUUID();
    const both = harness.catalogue.prisma.$transaction(async (transaction) => {
      await transaction.workload.create({ data: { name: key } });
      await harness.queue.enqueue(transaction, backupJob, key, { runId: key });
      throw new Error('thought better of it');
    });
    await expect(both).rejects.toThrow('thought better of it');
    expect(await jobsOf(key)).toEqual([]);
    expect(await harness.catalogue.prisma.workload.findUnique({ where: { name: key } })).toBeNull();
  });

  test('holds the id of the run and nothing else', async () => {
    const id = await harness.backup();
    expect(await jobsOf(id)).toMatchObject([{ data: { runId: id }, state: 'created' }]);
  });

  test('never holds two jobs for one run', async () => {
    const id = await harness.backup();
    const second = harness.catalogue.prisma.$transaction((transaction) =>
      harness.queue.enqueue(transaction, backupJob, id, { runId: id }),
    );
    await expect(second).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  });

  test('refuses a payload that is not what its queue is for', async () => {
    const wrong = harness.queue.enqueue(harness.catalogue.prisma, backupJob, 'x', { runId: 'not an id' });
    await expect(wrong).rejects.toThrow('runId');
    expect(runPayload.safeParse({ runId: randomUUID(), more: 1 }).success).toBe(false);
  });

  test('lets one attempt last for weeks while its worker is heard', async () => {
    const id = await harness.backup();
    const [job] = await harness.catalogue.prisma.$queryRaw<{ expire_seconds: number; heartbeat_seconds: number }[]>`
      SELECT expire_seconds, heartbeat_seconds FROM pgboss.job WHERE singleton_key = ${id}`;
    expect(job).toEqual({ expire_seconds: 24 * 24 * 3600, heartbeat_seconds: 10 });
  });

  test('loses the job of a queued run that is cancelled', async () => {
    const id = await harness.backup();
    await harness.services.backups.cancel(actor, id);
    expect(await jobsOf(id)).toEqual([]);
    expect(await harness.until('backup', id, 'CANCELLED')).toMatchObject({ attempts: 0 });
    await harness.services.backups.retry(actor, id);
    expect(await jobsOf(id)).toMatchObject([{ state: 'created' }]);
    await harness.services.backups.cancel(actor, id);
    await harness.services.backups.delete(actor, id);
    expect(await harness.catalogue.prisma.backup.findUnique({ where: { id } })).toBeNull();
  });
});
