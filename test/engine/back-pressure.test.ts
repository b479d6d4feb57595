import { expect, it } from 'vitest';
import { rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { fixturePlugin, generatedSource, makeBench } from '../support/engine-harness.ts';
import { waitFor } from '../support/wait-for.ts';

const MIB = 2 ** 20;
/** Packs of 16 MiB: one more than there are lanes. */
const PACKS = 3 * 17 * MIB;
/** What waits in front of the lanes: two tasks each, and what is being cut into tasks. */
const TASKS = 45 * MIB;

it('a storage target that takes nothing holds its readers back', async () => {
  await using bench = await makeBench({
    pluginModules: [fixturePlugin('generated-source'), resolve('test/fixtures/e2e/gated-storage.ts')],
    storage: (path) => ({ plugin: 'gated', configuration: { path } }),
    lanes: 2,
  });
  await bench.create();
  const gate = `${bench.place.join('repository')}.gate`;
  await writeFile(gate, 'put 1-');
  let read = 0;
  const onProgress = ({ bytesDone }: { readonly bytesDone: number }): void => void (read = bytesDone);
  const run = bench.backup([generatedSource({ bytes: 200 * MIB })], {}, { onProgress });

  let before = -1;
  let still = 0;
  await waitFor(
    () => {
      still = read === before && read > 0 ? still + 1 : 0;
      before = read;
      return still === 20;
    },
    { message: 'the readers to stand still', timeoutMs: 60_000, intervalMs: 100 },
  );
  expect(read).toBeLessThan(PACKS + TASKS);
  expect(bench.objects('packs/').size).toBe(0);
  await rm(gate);
  expect(await run).toMatchObject({ readBytes: 200 * MIB });
}, 180_000);
