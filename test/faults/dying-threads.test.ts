import { mkdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { directorySource, failureOf, fixturePlugin, makeBench } from '../support/engine-harness.ts';

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

  it('for want of a plugin names the plugin', async () => {
    await using bench = await makeBench({ pluginModules: ['/nowhere/plugin.ts'] });
    const failure = await failureOf(bench.create());
    expect([failure.code, failure.message]).toEqual(['PLUGIN_INVALID', expect.stringContaining('/nowhere/plugin.ts')]);
  }, 120_000);
});
