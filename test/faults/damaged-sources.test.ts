import { readdirSync, readFileSync, rmSync, statSync, truncateSync, mkdirSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { directorySource, type EngineBench, failureOf, makeBench, treeText } from '../support/engine-harness.ts';

/** Paths of the packs of a kind: 1 data, 2 trees. */
const packsOf = (bench: EngineBench, kind: number): string[] =>
  [...bench.objects('packs/').keys()]
    .map((name) => bench.place.join('repository', name))
    .filter((path) => readFileSync(path)[5] === kind);

describe('damage below the engine', () => {
  it('to the tree of one source leaves the other source', async () => {
    await using bench = await makeBench({ lanes: 1 });
    await bench.create();
    const [first, second] = ['first', 'second'].map((name) => {
      const path = bench.place.join(name);
      mkdirSync(path);
      writeFileSync(join(path, 'file'), name);
      return directorySource(path, name);
    });
    if (first === undefined || second === undefined) throw new Error('There are two.');
    await bench.backup([first]);
    const known = new Set(packsOf(bench, 2));
    const { snapshotId } = await bench.backup([first, second]);
    const [pack = ''] = packsOf(bench, 2).filter((path) => !known.has(path));
    rmSync(pack);

    const { warnings } = await bench.restore(snapshotId);
    expect(warnings.map(({ subject }) => subject)).toEqual(['/files/second']);
    expect(treeText(bench.place.join('out/files/first'))).toEqual(treeText(bench.place.join('first')));
    const verified = await bench.verify(snapshotId);
    expect(verified.sound).toBe(false);
    expect(verified.damage.flatMap(({ object }) => bench.place.join('repository', object))).toContain(pack);
    const alone = bench.restore(snapshotId, { selection: { sources: ['second'] }, policy: 'OVERWRITE' });
    expect((await failureOf(alone)).category).toBe('damage');
  }, 90_000);

  it.each([
    ['gone', (path: string) => rmSync(path)],
    ['cut short', (path: string) => truncateSync(path, statSync(path).size >> 1)],
  ])(
    'to a data pack that is %s is mended by the next backup, also an incremental one',
    async (_, damage) => {
      await using bench = await makeBench({ lanes: 1 });
      await bench.create();
      const source = bench.place.join('source');
      mkdirSync(source);
      writeFileSync(join(source, 'file'), randomBytes(500_000));
      const sources = [directorySource(source)];
      const { snapshotId } = await bench.backup(sources);
      const [pack = ''] = packsOf(bench, 1);
      damage(pack);
      expect(await bench.verify(snapshotId)).toMatchObject({
        sound: false,
        damage: [{ paths: ['/files/files/file'] }],
      });
      const { warnings } = await bench.restore(snapshotId);
      expect(warnings).toMatchObject([{ subject: 'file' }]);
      expect(readdirSync(bench.place.join('out/files/files'))).toEqual([]);

      const again = await bench.backup(sources, { type: 'INCREMENTAL', parent: snapshotId });
      expect(again).toMatchObject({ readBytes: 500_000, unchangedFiles: 0 });
      await bench.restore(again.snapshotId, { target: { kind: 'directory', path: bench.place.join('again') } });
      expect(treeText(bench.place.join('again/files/files'))).toEqual(treeText(source));
    },
    90_000,
  );
});
