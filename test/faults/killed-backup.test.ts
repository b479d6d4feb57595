import { describe, expect, it } from 'vitest';
import { fixturePlugin, generatedSource, makeBench } from '../support/engine-harness.ts';
import { startProcess } from '../support/engine-process.ts';
import { waitFor } from '../support/wait-for.ts';
import { defaults } from '../../src/repository/format.ts';

const MIB = 2 ** 20;
const BYTES = 90 * MIB;

describe('a backup whose process is killed', () => {
  it.each([1, 2])(
    'after %d packs is taken up again without storing them twice',
    async (packs) => {
      await using bench = await makeBench({ pluginModules: [fixturePlugin('generated-source')] });
      await bench.create();
      const input = bench.backupInput([generatedSource({ bytes: BYTES, waitAt: 80 * MIB })]);
      const running = await startProcess(bench, { operation: 'backup', input });
      await waitFor(() => bench.objects('packs/').size >= packs, {
        message: 'packs in the storage',
        timeoutMs: 60_000,
      });
      await running.kill();
      const before = bench.objects('packs/');
      expect(bench.objects('snapshots/').size).toBe(0);
      expect(bench.objects('index/').size).toBe(0);

      const again = { ...input, resume: true, sources: [generatedSource({ bytes: BYTES })] };
      const { snapshotId, storedBytes, addedBytes } = await bench.engine.run('backup', again);
      const kept = [...before.values()].reduce((sum, size) => sum + size, 0);
      expect(kept).toBeGreaterThan(packs * defaults.packSize);
      expect(addedBytes).toBeLessThan(BYTES - kept + MIB);
      expect(storedBytes).toBeLessThan(BYTES - kept + MIB);
      const after = bench.objects('packs/');
      for (const [name, size] of before) expect(after.get(name)).toBe(size);
      expect((await bench.verify(snapshotId)).damage).toEqual([]);

      const asked = await bench.engine.run('backup', again);
      expect(asked.snapshotId).toBe(snapshotId);
      expect(bench.objects('snapshots/').size).toBe(1);
    },
    120_000,
  );
});
