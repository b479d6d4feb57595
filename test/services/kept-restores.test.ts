import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { actor, type Harness, refusal, startHarness } from './support/harness.ts';

let harness: Harness;
let worker: AsyncDisposable;
let backupId: string;
beforeAll(async () => {
  harness = await startHarness();
  worker = await harness.work();
  backupId = await harness.backup();
  await harness.until('backup', backupId, 'SUCCEEDED');
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

/** A restore that has kept what it replaced. */
async function keepingRestore(): Promise<string> {
  const { id } = await harness.services.restores.create(actor, { backupId, keepPreviousHours: 2 });
  await harness.until('restore', id, 'SUCCEEDED');
  return id;
}
const rowOf = (id: string) => harness.catalogue.prisma.restore.findUniqueOrThrow({ where: { id } });
const callsOf = (operation: string, restoreId: string): unknown[] =>
  harness.engine.calls
    .filter((call) => call.operation === operation)
    .map(({ input }) => input)
    .filter((input) => (input as { restoreId: string }).restoreId === restoreId);
const eventsOf = async (id: string): Promise<string[]> =>
  (await harness.catalogue.prisma.event.findMany({ where: { subjectId: id }, orderBy: { id: 'asc' } })).map(
    ({ type }) => type,
  );

describe('a restore that keeps what it replaces', () => {
  test('says until when, and is reverted once', async () => {
    const id = await keepingRestore();
    const { previousUntil, completedAt } = await rowOf(id);
    expect(Number(previousUntil) - Number(completedAt)).toBe(2 * 3_600_000);
    await harness.services.restores.revert(actor, id);
    expect(callsOf('revertRestore', id)).toMatchObject([{ sources: [{ name: 'orders' }] }]);
    expect(await rowOf(id)).toMatchObject({ previousUntil: null, revertedAt: expect.any(Date) });
    expect(await eventsOf(id)).toContain('restore.reverted');
    expect(await refusal(harness.services.restores.revert(actor, id))).toMatchObject({ code: 'STATE_CONFLICT' });
    expect(await refusal(harness.services.restores.discardPrevious(actor, id))).toMatchObject({
      code: 'STATE_CONFLICT',
    });
  });

  test('lets go of it when asked', async () => {
    const id = await keepingRestore();
    await harness.services.restores.discardPrevious(actor, id);
    expect(callsOf('discardPrevious', id)).toHaveLength(1);
    expect(await rowOf(id)).toMatchObject({ previousUntil: null, revertedAt: null });
    expect(await refusal(harness.services.restores.revert(actor, id))).toMatchObject({ code: 'STATE_CONFLICT' });
  });

  test('lets go of it by itself when the time has come', async () => {
    const id = await keepingRestore();
    const early = await keepingRestore();
    const data = { previousUntil: new Date(Date.now() - 1_000) };
    await harness.catalogue.prisma.restore.update({ where: { id }, data });
    await using _second = await harness.work('second');
    await waitFor(async () => (await rowOf(id)).previousUntil === null, {
      message: 'the worker to let go',
      timeoutMs: 30_000,
    });
    expect(callsOf('discardPrevious', id)).toHaveLength(1);
    expect(await eventsOf(id)).toContain('restore.previousDiscarded');
    expect((await rowOf(early)).previousUntil).not.toBeNull();
  }, 60_000);

  test('is refused where there is no database to keep', async () => {
    const create = (input: object) => refusal(harness.services.restores.create(actor, { backupId, ...input }));
    expect(await create({ sources: ['uploads'], keepPreviousHours: 2 })).toMatchObject({ field: 'keepPreviousHours' });
    expect(await create({ keepPreviousHours: 0 })).toMatchObject({ field: 'keepPreviousHours' });
    expect(await create({ sources: ['uploads'], includeTables: ['a'] })).toMatchObject({ field: 'includeTables' });
    expect(await create({ sources: ['uploads', 'orders'], includeTables: ['a'] })).toMatchObject({
      field: 'includeTables',
    });
    expect(await create({ target: { kind: 'SCHEMA' } })).toMatchObject({ field: 'target.schema' });
    expect(await create({ target: { kind: 'IN_PLACE', schema: 'a' } })).toMatchObject({ field: 'target.schema' });
    expect(await create({ target: { kind: 'DIRECTORY', path: '/allowed/here' }, includeTables: ['a'] })).toMatchObject({
      field: 'includeTables',
    });
  });
});
