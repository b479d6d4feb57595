import { mkdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { directorySource, makeBench, treeText } from '../support/engine-harness.ts';

describe('an incremental backup', () => {
  it('reads what changed and nothing else; a full one reads all and stores nothing twice', async () => {
    await using bench = await makeBench();
    await bench.create();
    const source = bench.place.join('source');
    mkdirSync(`${source}/sub`, { recursive: true });
    for (let index = 0; index < 50; index++) writeFileSync(`${source}/sub/${index}`, randomBytes(10_000));
    writeFileSync(`${source}/large`, randomBytes(5_000_000));
    writeFileSync(`${source}/touched`, 'before');
    const sources = [directorySource(source)];
    const first = await bench.backup(sources);
    expect(first).toMatchObject({ readBytes: 5_500_006, unchangedFiles: 0, files: 52 });

    const idle = await bench.backup(sources, { type: 'INCREMENTAL', parent: first.snapshotId });
    expect(idle).toMatchObject({ readBytes: 0, addedBytes: 0, unchangedFiles: 52, files: 52, logicalBytes: 5_500_006 });

    // Same length, same time: only the inode's own time tells.
    const { atimeMs, mtimeMs } = statSync(`${source}/touched`);
    writeFileSync(`${source}/touched`, 'behind');
    utimesSync(`${source}/touched`, atimeMs / 1000, mtimeMs / 1000);
    writeFileSync(`${source}/sub/7`, 'shorter');
    writeFileSync(`${source}/sub/new`, 'new');
    rmSync(`${source}/sub/9`);
    const second = await bench.backup(sources, { type: 'INCREMENTAL', parent: idle.snapshotId });
    expect(second).toMatchObject({ readBytes: 16, unchangedFiles: 49, files: 52 });

    const full = await bench.backup(sources);
    expect(full).toMatchObject({ readBytes: second.logicalBytes, addedBytes: 0, unchangedFiles: 0 });
    expect(full.sources[0]).toEqual(second.sources[0]);
    await bench.restore(second.snapshotId);
    expect(treeText(bench.place.join('out/files/files'))).toEqual(treeText(source));
  }, 90_000);

  it('against a parent that is gone reads everything, and stores nothing twice', async () => {
    await using bench = await makeBench();
    await bench.create();
    const source = bench.place.join('source');
    mkdirSync(source);
    writeFileSync(`${source}/file`, 'content');
    const sources = [directorySource(source)];
    const first = await bench.backup(sources);
    await bench.engine.run('deleteSnapshot', { repository: bench.access, snapshotId: first.snapshotId });
    const second = await bench.backup(sources, { type: 'INCREMENTAL', parent: first.snapshotId });
    expect(second).toMatchObject({ readBytes: 7, addedBytes: 0, unchangedFiles: 0 });
    const other = { ...directorySource(source, 'other') };
    expect(await bench.backup([other])).toMatchObject({ addedBytes: 0, files: 1 });
  }, 90_000);
});
