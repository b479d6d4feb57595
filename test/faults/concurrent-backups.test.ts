import { randomUUID } from 'node:crypto';
import { readdir, writeFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import filesystem from '../../plugins/storage/filesystem.ts';
import { createEngine } from '../../src/engine/host.ts';
import type { SourceChoice } from '../../src/engine/operations.ts';
import { mergeIndex, openRepository, type OpenedRepository } from '../../src/repository/index.ts';
import { type EngineBench, fixturePlugin, generatedSource, key, makeBench } from '../support/engine-harness.ts';
import { startProcess } from '../support/engine-process.ts';
import { backUp, codecs, fileEntry, location, rootEntry } from '../support/repository-harness.ts';

const MIB = 2 ** 20;
/** More index objects than are left unmerged. */
const MANY = 34;

const generated = { pluginModules: [fixturePlugin('generated-source')], lanes: 1 };

/** The bench's repository, opened in this thread. */
async function openHere(bench: EngineBench): Promise<OpenedRepository> {
  const host = { allowedPath: async (path: string) => path };
  const storage = await filesystem.create({ path: bench.place.join('repository') }, host);
  return openRepository(storage, codecs, key, location);
}

/** Adds small backups, each with an index object of its own. */
async function addBackups(repository: OpenedRepository, count: number): Promise<void> {
  for (let number = 0; number < count; number++) {
    await backUp(repository, { small: [rootEntry, fileEntry('a', randomUUID())] });
  }
}

describe('two engines on one repository', () => {
  it('back up at once, both sound, and later ones find what both stored', async () => {
    await using bench = await makeBench(generated);
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

  it('and in two processes, of different workloads, while index objects are merged beside them', async () => {
    await using bench = await makeBench(generated);
    await bench.create();
    const here = await openHere(bench);
    const source = (seed: string): SourceChoice => generatedSource({ bytes: 24 * MIB, seed });
    const inputs = ['one', 'two'].map((workload) => bench.backupInput([source(workload)], { workload }));
    const processes = await Promise.all(inputs.map((input) => startProcess(bench, { operation: 'backup', input })));
    const ended = new AbortController();
    const outputs = Promise.all(processes.map(({ output }) => output)).finally(() => ended.abort());
    // Maintenance beside them, again and again, until both are done: several mergings, of two mergers at once.
    do {
      await addBackups(here, MANY);
      await Promise.all([mergeIndex(here), mergeIndex(await openHere(bench))]);
    } while (!ended.signal.aborted);
    expect((await outputs).map(({ code }) => code)).toEqual([undefined, undefined]);
    expect(bench.objects('index/').size).toBeLessThan(MANY);
    for (const { backupId } of inputs) expect(await bench.verify(backupId)).toMatchObject({ sound: true, damage: [] });
    for (const workload of ['one', 'two']) {
      expect(await bench.backup([source(workload)], { workload })).toMatchObject({ addedBytes: 0 });
    }
  }, 240_000);
});

describe('a backup into a repository with many small index objects', () => {
  it('merges them', async () => {
    await using bench = await makeBench(generated);
    await bench.create();
    await addBackups(await openHere(bench), MANY);
    const { snapshotId } = await bench.backup([generatedSource({ bytes: MIB })]);
    expect(bench.objects('index/').size).toBe(1);
    expect(await bench.verify(snapshotId)).toMatchObject({ sound: true });
  }, 120_000);

  it('is complete where nothing may be removed, and does not write the same over and over', async () => {
    await using bench = await makeBench({
      pluginModules: [fixturePlugin('generated-source'), fixturePlugin('faulty-storage')],
      storage: (path) => ({ plugin: 'faulty', configuration: { path } }),
      lanes: 1,
    });
    await bench.create();
    await addBackups(await openHere(bench), MANY);
    await writeFile(`${bench.place.join('repository')}.fault`, 'remove index/ 1');
    const { snapshotId } = await bench.backup([generatedSource({ bytes: MIB, seed: 'first' })]);
    // The backup's own and the merged one.
    expect(bench.objects('index/').size).toBe(MANY + 2);
    await bench.backup([generatedSource({ bytes: MIB, seed: 'second' })]);
    expect(bench.objects('index/').size).toBe(MANY + 3);
    expect(await bench.verify(snapshotId)).toMatchObject({ sound: true });
    // As this storage is far away, what was loaded is kept here.
    const kept = await readdir(bench.place.join('data', 'cache'), { recursive: true });
    expect(kept.length).toBeGreaterThan(MANY);
  }, 120_000);
});
