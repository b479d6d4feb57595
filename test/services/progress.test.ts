import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Progress } from '../../src/engine/operations.ts';
import { StrongroomError } from '../../src/errors.ts';
import type { RunState } from '../../src/services/progress.ts';
import { waitFor } from '../support/wait-for.ts';
import { actor, type Harness, refusal, startHarness } from './support/harness.ts';

let harness: Harness;
let worker: AsyncDisposable;
beforeAll(async () => {
  harness = await startHarness();
  worker = await harness.work();
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

const at = (bytesDone: number): Progress => ({
  phase: 'READING',
  currentItem: `/files/uploads/${bytesDone}`,
  itemsDone: bytesDone,
  itemsTotal: 1_000,
  bytesDone,
  bytesTotal: 1_000,
  addedBytes: bytesDone,
  warningCount: 0,
});

/** Collects what a watcher sees. */
function watch(id: string, signal?: AbortSignal): { readonly states: RunState[]; readonly ended: Promise<void> } {
  const states: RunState[] = [];
  const collect = async (): Promise<void> => {
    for await (const state of harness.services.progress.watch('backup', id, signal)) states.push(state);
  };
  return { states, ended: collect() };
}

describe('watching a run', () => {
  test('shows the present state, every later one in order, and at last the end', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    const watcher = watch(id);
    await waitFor(() => watcher.states.some((state) => state.status === 'RUNNING'), { message: 'the present state' });
    held.progress(at(100));
    await waitFor(() => watcher.states.at(-1)?.bytesDone === 100, { message: 'progress' });
    held.progress(at(900));
    await waitFor(() => watcher.states.at(-1)?.bytesDone === 900, { message: 'more progress' });
    expect(watcher.states.at(-1)).toMatchObject({
      kind: 'backup',
      id,
      status: 'RUNNING',
      phase: 'READING',
      currentItem: '/files/uploads/900',
      itemsTotal: 1_000,
      bytesPerSecond: expect.any(Number),
      secondsLeft: expect.any(Number),
      startedAt: expect.any(Date),
      finished: false,
    });
    held.release();
    await watcher.ended;
    expect(watcher.states.at(-1)).toMatchObject({ status: 'SUCCEEDED', phase: 'DONE', bytesDone: 900, finished: true });
    expect(watcher.states.at(-1)).not.toHaveProperty('secondsLeft');
    expect(watcher.states.filter((state) => state.finished)).toHaveLength(1);
  });

  test('shows few of many changes, the last of them always', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    const watcher = watch(id);
    await waitFor(() => watcher.states.length > 0, { message: 'the present state' });
    for (let done = 1; done <= 1_000; done++) held.progress(at(done));
    await waitFor(() => watcher.states.at(-1)?.bytesDone === 1_000, { message: 'the last change' });
    held.release();
    await watcher.ended;
    expect(watcher.states.length).toBeLessThan(8);
  });

  test('late shows what is known, after the end the end alone', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    held.progress(at(300));
    await waitFor(async () => (await harness.services.progress.current('backup', id)).bytesDone === 300, {
      message: 'progress in the row',
    });
    const late = watch(id);
    await waitFor(() => late.states.length > 0, { message: 'the present state' });
    expect(late.states[0]).toMatchObject({ status: 'RUNNING', bytesDone: 300 });
    held.release(new StrongroomError('REPOSITORY_KEY_WRONG', { kind: 'passphrase' }));
    await late.ended;

    const after = watch(id);
    await after.ended;
    expect(after.states).toMatchObject([
      { status: 'FAILED', finished: true, error: { code: 'REPOSITORY_KEY_WRONG', details: { kind: 'passphrase' } } },
    ]);
  });

  test('from the queue on sees the attempts', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    const watcher = watch(id);
    await held.started;
    held.release(new StrongroomError('STORAGE_UNAVAILABLE', { reason: 'a test' }));
    await watcher.ended;
    const shown = watcher.states.map(({ status, error }) => `${status} ${error?.code ?? ''}`);
    expect(shown.at(-1)).toBe('SUCCEEDED ');
    expect(shown).toContain('QUEUED STORAGE_UNAVAILABLE');
  });

  test('of several runs by several watchers goes side by side, cancelling included', async () => {
    const held = [harness.engine.hold('backup'), harness.engine.hold('backup')];
    const ids = [await harness.backup(), await harness.backup()];
    await Promise.all(held.map((one) => one.started));
    const watchers = [...ids, ...ids].map((id) => watch(id));
    await waitFor(() => watchers.every(({ states }) => states.length > 0), { message: 'all watchers' });
    await Promise.all(ids.map((id) => harness.services.backups.cancel(actor, id)));
    await Promise.all(watchers.map(({ ended }) => ended));
    for (const { states } of watchers) expect(states.at(-1)).toMatchObject({ status: 'CANCELLED', finished: true });
  });

  test('ends without an error when its reader has enough', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    const enough = new AbortController();
    const watcher = watch(id, enough.signal);
    await waitFor(() => watcher.states.length > 0, { message: 'the present state' });
    enough.abort();
    await watcher.ended;
    for await (const state of harness.services.progress.watch('backup', id)) {
      expect(state.finished).toBe(false);
      break;
    }
    held.release();
    await harness.until('backup', id, 'SUCCEEDED');
  });

  test('goes on after the connection to the catalogue was lost', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    const watcher = watch(id);
    await waitFor(() => watcher.states.at(-1)?.status === 'RUNNING', { message: 'the present state' });
    await harness.catalogue.prisma.$executeRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`;
    held.release();
    await watcher.ended;
    expect(watcher.states.at(-1)).toMatchObject({ status: 'SUCCEEDED', finished: true });
  });

  test('what is not there is refused', async () => {
    const missing = watch(randomUUID());
    expect(await refusal(missing.ended)).toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    expect(await refusal(watch('no id').ended)).toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  });
});
