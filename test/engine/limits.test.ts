import { describe, expect, it } from 'vitest';
import type { EngineBench } from '../support/engine-harness.ts';
import { failureOf, fixturePlugin, generatedSource, makeBench } from '../support/engine-harness.ts';
import { type ManualTimer, manualTimer } from '../support/manual-timer.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 2 ** 20;
const pluginModules = [fixturePlugin('generated-source')];

async function limited(timer: ManualTimer): Promise<EngineBench> {
  const bench = await makeBench({ pluginModules, timer });
  await bench.create();
  return bench;
}

/** The access to the bench's repository, by the id it has. */
async function known({ engine, access }: EngineBench) {
  const { repositoryId } = await engine.run('checkRepository', { repository: access });
  return { repositoryId, repository: { ...access, repositoryId } };
}

const packs = (bench: EngineBench): number => bench.objects('packs/').size;
const storedBytes = (bench: EngineBench): number =>
  [...bench.objects('').values()].reduce((sum, size) => sum + size, 0);

/** Waits until the next object waits for its time, and so many packs are stored at least: small ones go together. */
const untilPaced = (bench: EngineBench, timer: ManualTimer, count: number) =>
  waitFor(() => packs(bench) >= count && timer.nextIn !== undefined, { message: `${count} packs, and a pause` });

/** Moves the clock on, from pause to pause, until the work is done. */
async function pass<T>(timer: ManualTimer, work: Promise<T>): Promise<T> {
  const state = { done: false };
  const ended = work.finally(() => (state.done = true));
  ended.catch(() => undefined);
  const isDoneOrPaced = (): boolean => state.done || timer.nextIn !== undefined;
  while (!state.done) {
    await waitFor(isDoneOrPaced, { message: 'a pause or the end', timeoutMs: 60_000 });
    timer.advance(timer.nextIn ?? 0);
  }
  return ended;
}

describe('a bandwidth limit', () => {
  it('paces what a backup stores, and heeds a change while it runs', async () => {
    const timer = manualTimer();
    await using bench = await limited(timer);
    const { repositoryId, repository } = await known(bench);
    bench.engine.limitBandwidth(repositoryId, { upload: MIB, download: undefined });
    const run = bench.backup([generatedSource({ bytes: 60 * MIB })], { repository });

    await untilPaced(bench, timer, 1);
    timer.advance(15_000);
    expect(packs(bench)).toBe(1);
    timer.advance(2_000);
    await untilPaced(bench, timer, 2);
    bench.engine.limitBandwidth(repositoryId, { upload: 16 * MIB, download: undefined });
    timer.advance(1_100);
    await untilPaced(bench, timer, 3);
    bench.engine.limitBandwidth(repositoryId, { upload: undefined, download: undefined });
    const { snapshotId } = await run;
    expect(timer.now()).toBe(18_100);
    expect(await bench.verify(snapshotId)).toMatchObject({ sound: true });
  }, 120_000);

  it('holds for all runs on the repository together, as it was known when one began', async () => {
    const timer = manualTimer();
    await using bench = await limited(timer);
    const { repository: access } = await known(bench);
    const repository = { ...access, bandwidth: { upload: MIB, download: undefined } };
    const runs = ['one', 'other'].map((seed) =>
      bench.backup([generatedSource({ bytes: 20 * MIB, seed })], { repository }),
    );
    await pass(timer, Promise.all(runs));
    // All but the last object is paid off.
    expect(timer.now() / 1000).toBeGreaterThan(23);
    expect(timer.now() / 1000).toBeLessThan(storedBytes(bench) / MIB);

    const lifted = { ...access, bandwidth: { upload: undefined, download: undefined } };
    const before = timer.now();
    await bench.backup([generatedSource({ bytes: 20 * MIB, seed: 'third' })], { repository: lifted });
    expect(timer.now()).toBe(before);
  }, 120_000);

  it('paces what a restore and a download read', async () => {
    const timer = manualTimer();
    await using bench = await limited(timer);
    const { repositoryId, repository } = await known(bench);
    const { snapshotId } = await bench.backup([generatedSource({ bytes: 20 * MIB })], { repository });
    const start = timer.now();
    bench.engine.limitBandwidth(repositoryId, { upload: undefined, download: MIB });

    const restored = await pass(timer, bench.restore(snapshotId, { repository }));
    expect(restored).toMatchObject({ bytes: 20 * MIB });
    const restoring = (timer.now() - start) / 1000;
    expect(restoring).toBeGreaterThan(10);
    expect(restoring).toBeLessThan(40);

    const file = bench.engine.readFile({ repository, snapshotId, path: '/database/generated/stream' });
    const pieces = file[Symbol.asyncIterator]();
    const first = pieces.next();
    await waitFor(() => timer.nextIn !== undefined, { message: 'a pause' });
    bench.engine.limitBandwidth(repositoryId, { upload: undefined, download: undefined });
    expect((await first).done).toBe(false);
    await pieces.return?.(undefined);
  }, 120_000);

  it('does not hold up a cancellation, nor those who come after', async () => {
    const timer = manualTimer();
    await using bench = await limited(timer);
    const { repositoryId, repository } = await known(bench);
    bench.engine.limitBandwidth(repositoryId, { upload: 64 * 1024, download: undefined });
    const controller = new AbortController();
    const { signal } = controller;
    const failure = failureOf(bench.backup([generatedSource({ bytes: 60 * MIB })], { repository }, { signal }));
    await untilPaced(bench, timer, 1);
    controller.abort();
    expect(await failure).toMatchObject({ code: 'CANCELLED' });
    expect(timer.now()).toBe(0);
    expect(packs(bench)).toBe(1);

    const next = await pass(timer, bench.backup([generatedSource({ bytes: MIB, seed: 'next' })], { repository }));
    expect(next).toMatchObject({ files: 1 });
    // What was stored is paid off; what was withdrawn is not.
    expect(timer.now() / 1000).toBeLessThan(storedBytes(bench) / (64 * 1024));
  }, 120_000);
});
