import { rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { failureOf, fixturePlugin, generatedSource, makeBench } from '../support/engine-harness.ts';

const MIB = 2 ** 20;

describe('a storage target that fails', () => {
  it('at any put leaves nothing half done, and a retry completes', async () => {
    await using bench = await makeBench({
      pluginModules: [fixturePlugin('faulty-storage'), fixturePlugin('generated-source')],
      storage: (path) => ({ plugin: 'faulty', configuration: { path } }),
    });
    await bench.create();
    const input = bench.backupInput([generatedSource({ bytes: 40 * MIB })]);
    for (const fault of ['put packs/ 1', 'put packs/ 3', 'put index/ 1', 'put snapshots/ 1']) {
      await writeFile(`${bench.place.join('repository')}.fault`, fault);
      const { code, message } = await failureOf(bench.engine.run('backup', { ...input, resume: true }));
      expect([code, message]).toEqual(['STORAGE_UNAVAILABLE', expect.stringContaining(fault.split(' ')[1] ?? '')]);
      expect(bench.objects('snapshots/').size).toBe(0);
      expect(bench.objects('~temporary/').size).toBe(0);
    }
    const packs = bench.objects('packs/');
    await rm(`${bench.place.join('repository')}.fault`);
    const { snapshotId, addedBytes } = await bench.engine.run('backup', { ...input, resume: true });
    expect(addedBytes).toBe(0);
    expect(bench.objects('packs/')).toEqual(packs);
    expect(await bench.verify(snapshotId)).toMatchObject({ sound: true, damage: [] });
  }, 120_000);
});
