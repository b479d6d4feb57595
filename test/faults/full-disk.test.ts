import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import { failureOf, fixturePlugin, generatedSource, makeBench } from '../support/engine-harness.ts';

const MIB = 2 ** 20;
const isRoot = process.getuid?.() === 0;

async function smallDisk(path: string, size: string): Promise<AsyncDisposable> {
  await mkdir(path);
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=700`, 'tmpfs', path]);
  return { [Symbol.asyncDispose]: async () => void (await execa('umount', [path])) };
}

// An ordinary user can't mount a small disk; the continuous run is root's and never leaves this out.
describe.runIf(isRoot)('a full disk', () => {
  it('below the repository is named, and leaves the repository sound', async () => {
    await using bench = await makeBench({ pluginModules: [fixturePlugin('generated-source')] });
    await using disk = await smallDisk(bench.place.join('repository'), '24m');
    expect(disk).toBeDefined();
    await bench.create();
    const { snapshotId } = await bench.backup([generatedSource({ bytes: MIB, seed: 'fits' })]);
    const failure = await failureOf(bench.backup([generatedSource({ bytes: 60 * MIB })]));
    expect(failure.code).toBe('STORAGE_FULL');
    expect([...bench.objects('snapshots/').keys()]).toEqual([`snapshots/${snapshotId}`]);
    expect(bench.objects('~temporary/').size).toBe(0);
    expect(await bench.verify(snapshotId)).toMatchObject({ sound: true });
  }, 120_000);

  it('below the target of a restore is named, and leaves the target as it was', async () => {
    await using bench = await makeBench({ pluginModules: [fixturePlugin('generated-source')] });
    const out = bench.place.join('out');
    await using disk = await smallDisk(out, '8m');
    expect(disk).toBeDefined();
    await bench.create();
    await writeFile(`${out}/there`, 'before');
    const { snapshotId } = await bench.backup([generatedSource({ bytes: 20 * MIB })]);
    const failure = await failureOf(bench.restore(snapshotId));
    expect([failure.code, failure.message]).toEqual(['RESTORE_FAILED', expect.stringMatching(/ENOSPC|full|no space/i)]);
    expect(failure.message).toContain('stream');
    expect(
      await readdir(out, { recursive: true }).then((names) => names.filter((name) => name.includes('stream'))),
    ).toEqual([]);
    expect(await readdir(out)).toContain('there');
  }, 120_000);
});
