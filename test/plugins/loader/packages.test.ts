/** Loads plugins as an operator does: in a real process, from a directory that is not this project. */
import { cp, mkdir, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { execa } from 'execa';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeTempDir } from '../../support/temp-dir.ts';
import type { TempDir } from '../../support/temp-dir.ts';

const fixtures = resolve('test/fixtures/plugins');

let folder: TempDir;
beforeEach(async () => {
  folder = await makeTempDir('plugin-packages');
});
afterEach(() => folder[Symbol.asyncDispose]());

/** What `report.ts` prints for `modules`, run in the temporary directory. */
async function report(...modules: readonly string[]): Promise<unknown> {
  const { stdout } = await execa(process.execPath, [`${fixtures}/report.ts`, ...modules], { cwd: folder.path });
  return JSON.parse(stdout);
}

describe('plugins in a process of their own', () => {
  it('are found as npm packages of the working directory, and import the contracts by name', async () => {
    const installed = folder.join('node_modules', 'strongroom-plugin-run-length');
    await cp(`${fixtures}/npm-package`, installed, { recursive: true });
    expect(await report('strongroom-plugin-run-length')).toEqual([
      expect.objectContaining({
        kind: 'compressor',
        name: 'run-length',
        version: '2.1.0',
        module: 'strongroom-plugin-run-length',
      }),
    ]);
  });

  it('are found as TypeScript files, by absolute and by relative path', async () => {
    await cp(`${fixtures}/sqlite-storage.ts`, folder.join('mine', 'storage.ts'));
    for (const module of ['./mine/storage.ts', folder.join('mine', 'storage.ts')]) {
      expect(await report(module)).toEqual([expect.objectContaining({ name: 'sqlite-file', module })]);
    }
  });

  it('may bring their own copy of zod, and need import nothing of Strongroom', async () => {
    const installed = folder.join('node_modules', 'with-zod');
    await cp(resolve('node_modules/zod'), `${installed}/node_modules/zod`, { recursive: true });
    await writeFile(`${installed}/package.json`, JSON.stringify({ name: 'with-zod', main: './main.mjs' }));
    await writeFile(
      `${installed}/main.mjs`,
      `import { z } from 'zod';
       export default {
         kind: 'notifier', name: 'with-zod', version: '0.0.1', contractVersion: 1, description: 'Tells nobody.',
         configuration: z.object({ to: z.string(), password: z.string().meta({ writeOnly: true }) }),
         create: async () => ({ notify: async () => {}, test: async () => {}, [Symbol.asyncDispose]: async () => {} }),
       };`,
    );
    expect(await report('with-zod')).toEqual([
      expect.objectContaining({
        kind: 'notifier',
        schema: expect.objectContaining({
          properties: { to: { type: 'string' }, password: { type: 'string', writeOnly: true } },
        }),
      }),
    ]);
  });

  it('that are not installed are named, with where they were looked for', async () => {
    await mkdir(folder.join('node_modules'));
    expect(await report('not-installed')).toEqual({
      code: 'PLUGIN_INVALID',
      message: expect.stringContaining(`no npm package of that name is installed for ${folder.path}`),
    });
  });
});
