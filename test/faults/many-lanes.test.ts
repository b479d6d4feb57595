/** Several lanes, small chunks, blocks and packs, and a storage target that answers late and out of order. */
import { randomBytes } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { SourceChoice } from '../../src/engine/operations.ts';
import {
  directorySource,
  type EngineBench,
  failureOf,
  fixturePlugin,
  generatedSource,
  makeBench,
  treeText,
} from '../support/engine-harness.ts';
import { startProcess } from '../support/engine-process.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 2 ** 20;
const seeds = [1, 20_261, 77_777];

async function smallBench(seed: number, lanes = 4): Promise<EngineBench> {
  const bench = await makeBench({
    lanes,
    pluginModules: [fixturePlugin('delaying-storage'), fixturePlugin('generated-source')],
    storage: (path) => ({ plugin: 'delaying', configuration: { path, seed, parallelPuts: 1 + (seed % 5) } }),
  });
  await bench.createSmall();
  return bench;
}

/** Files of all sizes, some of noise, some of text, some twice. */
function makeSource(bench: EngineBench): SourceChoice {
  const path = bench.place.join('source');
  for (const folder of ['a', 'b', 'c']) {
    mkdirSync(`${path}/${folder}`, { recursive: true });
    for (let file = 0; file < 60; file++) {
      const length = (file * file * 37) % 90_000;
      const content = file % 3 === 0 ? Buffer.alloc(length, `${folder} ${file} `) : randomBytes(length);
      writeFileSync(`${path}/${folder}/${file}`, file % 7 === 0 ? Buffer.alloc(length, 'the same ') : content);
    }
  }
  writeFileSync(`${path}/large`, randomBytes(5 * MIB));
  return directorySource(path);
}

const stream = generatedSource({ bytes: 6 * MIB, seed: 'stream' });

describe('many lanes on a storage that answers in any order', () => {
  it.each(seeds)(
    'bring everything back, whatever the order (%d)',
    async (seed) => {
      await using bench = await smallBench(seed);
      const source = makeSource(bench);
      const { snapshotId, checksum: _, ...first } = await bench.backup([source, stream]);
      expect(first).toMatchObject({ files: 182, warningCount: 0 });
      expect(bench.objects('packs/').size).toBeGreaterThan(8);
      expect(await bench.verify(snapshotId)).toMatchObject({ sound: true, damage: [] });
      await bench.restore(snapshotId);
      expect(treeText(bench.place.join('out/files/files'))).toEqual(treeText(bench.place.join('source')));
      const again = await bench.backup([source, stream], { type: 'INCREMENTAL', parent: snapshotId });
      expect(again).toMatchObject({ addedBytes: 0, unchangedFiles: 181 });
    },
    120_000,
  );

  it('come to the same trees as one lane alone', async () => {
    await using bench = await smallBench(seeds[0] ?? 1);
    const source = makeSource(bench);
    const many = await bench.backup([source, stream]);
    const one = await bench.engine.run('backup', bench.backupInput([source, stream]));
    expect(one).toMatchObject({ addedBytes: 0, files: many.files, logicalBytes: many.logicalBytes });
  }, 120_000);

  it.each(seeds)(
    'leave nothing half done when puts fail, and lose nothing (%d)',
    async (seed) => {
      await using bench = await smallBench(seed);
      const input = bench.backupInput([makeSource(bench), stream]);
      const fault = `${bench.place.join('repository')}.fault`;
      for (const put of [1, 2, 5]) {
        writeFileSync(fault, String(put));
        const { code } = await failureOf(bench.engine.run('backup', { ...input, resume: true }));
        expect(code).toBe('STORAGE_UNAVAILABLE');
        expect(bench.objects('snapshots/').size).toBe(0);
      }
      rmSync(fault);
      const { snapshotId } = await bench.engine.run('backup', { ...input, resume: true });
      expect(await bench.verify(snapshotId)).toMatchObject({ sound: true, damage: [] });
    },
    120_000,
  );

  it('are killed amid a backup that is then taken up again', async () => {
    await using bench = await smallBench(seeds[1] ?? 1);
    const input = bench.backupInput([generatedSource({ bytes: 24 * MIB, waitAt: 20 * MIB })]);
    const running = await startProcess(bench, { operation: 'backup', input });
    await waitFor(() => bench.objects('packs/').size >= 6, { message: 'packs in the storage', timeoutMs: 60_000 });
    await running.kill();
    const before = bench.objects('packs/');
    const again = { ...input, resume: true, sources: [generatedSource({ bytes: 24 * MIB })] };
    const { snapshotId, addedBytes } = await bench.engine.run('backup', again);
    const kept = [...before.values()].reduce((sum, size) => sum + size, 0);
    expect(addedBytes).toBeLessThan(24 * MIB - kept + MIB);
    expect(await bench.verify(snapshotId)).toMatchObject({ sound: true, damage: [] });
  }, 120_000);
});
