import { describe, expect, it } from 'vitest';
import { createEngine } from '../../src/engine/host.ts';
import { fixturePlugin, generatedSource, makeBench } from '../support/engine-harness.ts';

const MIB = 2 ** 20;

describe('two engines on one repository', () => {
  it('back up at once, both sound, and later ones find what both stored', async () => {
    await using bench = await makeBench({ pluginModules: [fixturePlugin('generated-source')], lanes: 1 });
    await bench.create();
    await using other = createEngine({ ...bench.settings, dataDirectory: bench.place.join('other-data') });
    const sources = [
      [generatedSource({ bytes: 20 * MIB, seed: 'shared' })],
      [
        generatedSource({ bytes: 20 * MIB, seed: 'shared' }),
        { ...generatedSource({ bytes: 8 * MIB, seed: 'own' }), name: 'own' },
      ],
    ];
    const runs = [bench.engine, other].map((engine, index) =>
      engine.run('backup', bench.backupInput(sources[index] ?? [])),
    );
    const results = await Promise.all(runs);
    for (const { snapshotId } of results) expect(await bench.verify(snapshotId)).toMatchObject({ sound: true });
    const [, second] = sources;
    expect(await bench.backup(second ?? [])).toMatchObject({ addedBytes: 0, logicalBytes: 28 * MIB });
  }, 120_000);
});
