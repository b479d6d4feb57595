import { readdir } from 'node:fs/promises';
import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { failureOf, fixturePlugin, generatedSource, makeBench } from '../support/engine-harness.ts';

const MIB = 2 ** 20;

describe('a cancelled backup', () => {
  it.each([
    ['that heeds it', false, 1],
    ['whose source does not heed it', true, 0],
  ])(
    '%s ends within two seconds and leaves no trace',
    async (_, deaf, scratches) => {
      await using bench = await makeBench({ pluginModules: [fixturePlugin('generated-source')] });
      await bench.create();
      const before = await bench.backup([generatedSource({ bytes: MIB, seed: 'before' })]);
      const controller = new AbortController();
      const underWay = Promise.withResolvers<void>();
      const source = generatedSource({ bytes: 60 * MIB, waitAt: 50 * MIB, deaf });
      const run = bench.backup(
        [source],
        {},
        {
          signal: controller.signal,
          onProgress: ({ bytesDone }) => {
            if (bytesDone > 4 * MIB) underWay.resolve();
          },
        },
      );
      const failure = failureOf(run);
      await underWay.promise;
      controller.abort();
      const first = await Promise.race([failure, delay(2000, 'two seconds are over')]);
      expect(first).toMatchObject({ code: 'CANCELLED' });

      const left = await readdir(bench.place.join('data', 'scratch'));
      if (scratches === 1) expect(left).toEqual([]);
      expect(bench.objects('snapshots/').size).toBe(1);
      expect(await bench.verify(before.snapshotId)).toMatchObject({ sound: true });
      expect(await bench.backup([generatedSource({ bytes: MIB, seed: 'before' })])).toMatchObject({ addedBytes: 0 });
    },
    120_000,
  );

  it('before it began does nothing', async () => {
    await using bench = await makeBench({ pluginModules: [fixturePlugin('generated-source')] });
    await bench.create();
    const signal = AbortSignal.abort();
    const failure = await failureOf(bench.backup([generatedSource({ bytes: MIB })], {}, { signal }));
    expect(failure.code).toBe('CANCELLED');
    expect(bench.objects('packs/').size).toBe(0);
  }, 120_000);
});
