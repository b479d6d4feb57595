import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, it } from 'vitest';
import type { SourceChoice } from '../../src/engine/operations.ts';
import { fixturePlugin, makeBench } from '../support/engine-harness.ts';

describe('files that are not as the source saw them', () => {
  it('are stored as they are now; those that are gone or nothing to read become warnings', async () => {
    await using bench = await makeBench({ pluginModules: [fixturePlugin('stale-source')] });
    await bench.create();
    const at = (name: string): string => bench.place.join('source', name);
    await mkdir(bench.place.join('source'));
    await mkdir(at('directory'));
    await writeFile(at('grown'), 'g'.repeat(5000));
    await writeFile(at('shrunk'), 's');
    await writeFile(at('emptied'), '');
    await writeFile(at('same'), 'same');
    await symlink(at('same'), at('link'));
    await execa('mkfifo', [at('pipe')]);
    await rm(at('vanished'), { force: true });
    const sizes = { directory: 10, emptied: 100, grown: 10, link: 4, pipe: 3, same: 4, shrunk: 9_000_000, vanished: 7 };
    const files = Object.entries(sizes).map(([name, size]) => ({ name, path: at(name), size }));
    const source: SourceChoice = { plugin: 'stale', configuration: { files }, name: 'stale', content: 'FILES' };
    const { snapshotId, warnings, files: count } = await bench.backup([source]);
    expect(count).toBe(4);
    expect(Object.fromEntries(warnings.map(({ subject, code }) => [subject, code]))).toEqual({
      directory: 'SOURCE_FILE_UNREADABLE',
      link: 'SOURCE_FILE_UNREADABLE',
      pipe: 'SOURCE_FILE_UNREADABLE',
      vanished: 'SOURCE_FILE_VANISHED',
    });
    const read = async (name: string): Promise<string> => {
      const input = { repository: bench.access, snapshotId, path: `/files/stale/${name}` };
      return Buffer.concat(await Array.fromAsync(bench.engine.readFile(input))).toString();
    };
    expect([await read('grown'), await read('shrunk'), await read('emptied')]).toEqual(['g'.repeat(5000), 's', '']);
    expect((await bench.verify(snapshotId)).sound).toBe(true);
  }, 120_000);

  it('are found among many, whichever lane reads them, and only those that do not hold still are told', async () => {
    await using bench = await makeBench({ pluginModules: [fixturePlugin('stale-source')], lanes: 3 });
    await bench.create();
    const at = (name: string): string => bench.place.join('source', name);
    await mkdir(bench.place.join('source'));
    const names = Array.from({ length: 1200 }, (_, index) => String(index).padStart(4, '0'));
    // The one is longer, the next shorter than the source saw it, the third as it was; every hundredth has vanished.
    const seen = (index: number): number => [10, 5000, 100][index % 3] ?? 0;
    const gone = (index: number): boolean => index % 100 === 50;
    for (const [index, name] of names.entries()) if (!gone(index)) await writeFile(at(name), name.repeat(25));
    const files = names.map((name, index) => ({ name, path: at(name), size: seen(index) }));
    // What this file says of its length is never what can be read of it, as with one that grows all the time.
    files.push({ name: 'restless', path: '/proc/version', size: 3 });
    const source: SourceChoice = { plugin: 'stale', configuration: { files }, name: 'stale', content: 'FILES' };
    const { snapshotId, warnings, warningCount, files: count, logicalBytes } = await bench.backup([source]);
    const version = await readFile('/proc/version');
    expect(count).toBe(1189);
    expect(logicalBytes).toBe(1188 * 100 + version.length);
    const vanished = names.filter((_, index) => gone(index)).map((name) => `${name} SOURCE_FILE_VANISHED`);
    expect(warnings.map(({ subject, code }) => `${subject} ${code}`).toSorted()).toEqual([
      ...vanished,
      'restless SOURCE_FILE_CHANGED',
    ]);
    expect(warningCount).toBe(13);
    await bench.restore(snapshotId);
    const out = bench.place.join('out/files/stale');
    expect(await readdir(out)).toHaveLength(1189);
    for (const [index, name] of names.entries()) {
      if (!gone(index)) expect(await readFile(`${out}/${name}`, 'utf8')).toBe(name.repeat(25));
    }
    expect(await readFile(`${out}/restless`)).toEqual(version);
  }, 120_000);
});
