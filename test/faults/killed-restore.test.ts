import { randomBytes } from 'node:crypto';
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { directorySource, filesBelow, fixturePlugin, makeBench, treeText } from '../support/engine-harness.ts';
import { startProcess } from '../support/engine-process.ts';
import { waitFor } from '../support/wait-for.ts';

describe('a restore whose process is killed', () => {
  it('leaves the target as it was, and completes when it is tried again', async () => {
    await using bench = await makeBench({
      pluginModules: [fixturePlugin('faulty-storage')],
      storage: (path) => ({ plugin: 'faulty', configuration: { path } }),
    });
    await bench.create();
    const source = bench.place.join('source');
    await mkdir(source);
    for (let index = 0; index < 700; index++) await writeFile(`${source}/${index}`, `text ${index}`);
    for (let index = 0; index < 4; index++) await writeFile(`${source}/z-${index}`, randomBytes(9_000_000));
    const { snapshotId } = await bench.backup([directorySource(source)]);
    const target = bench.place.join('target');
    await mkdir(target);
    const input = bench.restoreInput(snapshotId, {
      sources: [directorySource(target)],
      target: { kind: 'inPlace' },
    });

    // The last blocks never come, so that the process is caught in the middle.
    const fault = `${bench.place.join('repository')}.fault`;
    await writeFile(fault, 'get packs/ 5');
    const running = await startProcess(bench, { operation: 'restore', input });
    await waitFor(() => filesBelow(target).size > 500, { message: 'files that are staged', timeoutMs: 60_000 });
    await running.kill();
    expect((await readdir(target)).filter((name) => !name.startsWith('.strongroom-restore-'))).toEqual([]);

    await rm(fault);
    const { warnings } = await bench.engine.run('restore', input);
    expect(warnings).toEqual([]);
    expect(treeText(target)).toEqual(treeText(source));
    expect((await bench.verify(snapshotId)).sound).toBe(true);
  }, 120_000);
});
