import { randomBytes } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { directorySource, failureOf, filesBelow, fixturePlugin, makeBench } from '../support/engine-harness.ts';

describe('a thread of the engine that fails', () => {
  it.each([
    ['throw!', 'the compressor is broken'],
    ['exit!', 'an engine thread ended: exit code 7'],
  ])(
    'at the block that says %s fails the run with its reason, and no other',
    async (order, reason) => {
      await using bench = await makeBench({ pluginModules: [fixturePlugin('faulty-compressor')] });
      await bench.create({ compressor: { plugin: 'faulty', configuration: {} } });
      const source = bench.place.join('source');
      await mkdir(source);
      await writeFile(`${source}/sound`, 'sound');
      const { snapshotId } = await bench.backup([directorySource(source)]);
      await writeFile(`${source}/bad`, `${order}${'x'.repeat(1000)}`);
      const failure = await failureOf(bench.backup([directorySource(source)]));
      expect([failure.code, failure.message]).toEqual(['INTERNAL', expect.stringContaining(reason)]);
      expect(bench.objects('snapshots/').size).toBe(1);
      expect((await bench.verify(snapshotId)).sound).toBe(true);
    },
    120_000,
  );

  it('and ends in the middle of others at work fails the run alone: a backup, a verification, a restore', async () => {
    await using bench = await makeBench({ pluginModules: [fixturePlugin('faulty-compressor')], lanes: 3 });
    await bench.create({ compressor: { plugin: 'faulty', configuration: {} } });
    const source = bench.place.join('source');
    await mkdir(source);
    for (let file = 0; file < 40; file++) await writeFile(`${source}/${file}`, randomBytes(300_000));
    const sound = await bench.backup([directorySource(source)]);
    await writeFile(`${source}/bad`, `later-exit!${'x'.repeat(100_000)}`);
    const bad = await bench.backup([directorySource(source)]);
    const broken: readonly (() => Promise<unknown>)[] = [
      () => bench.verify(bad.snapshotId),
      () => bench.restore(bad.snapshotId),
      async () => {
        for (let file = 0; file < 40; file++) await writeFile(`${source}/${file}`, randomBytes(300_000));
        // Wherever a block begins in it, it tells the lane to end.
        await writeFile(
          `${source}/20`,
          Array.from({ length: 200_000 }, (_, line) => `exit! ${line * 7919}\n`)
            .join('')
            .repeat(2),
        );
        await bench.backup([directorySource(source)]);
      },
    ];
    for (const run of broken) {
      const failure = await failureOf(run());
      expect([failure.code, failure.message]).toEqual(['INTERNAL', expect.stringMatching(/ended.* code 7/)]);
    }
    expect(filesBelow(bench.place.join('out')).size).toBe(0);
    expect(bench.objects('snapshots/').size).toBe(2);
    expect((await bench.verify(sound.snapshotId)).sound).toBe(true);
    expect((await bench.restore(sound.snapshotId)).files).toBe(40);
  }, 120_000);

  it('for want of a plugin names the plugin', async () => {
    await using bench = await makeBench({ pluginModules: ['/nowhere/plugin.ts'] });
    const failure = await failureOf(bench.create());
    expect([failure.code, failure.message]).toEqual(['PLUGIN_INVALID', expect.stringContaining('/nowhere/plugin.ts')]);
  }, 120_000);
});
