import { mkdir, rm, symlink, writeFile } from 'node:fs/promises';
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
});
