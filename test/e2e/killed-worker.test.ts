import { mkdir, readdir } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { startCluster } from './support/cluster.ts';
import { closeGate, directorySource, gated, makeRepository, makeWorkload } from './support/calls.ts';
import { makeNoise, makeTexts, MIB, treeFacts } from './support/files.ts';
import {
  endOfBackup,
  endOfRestore,
  isReading,
  runBackup,
  runRestore,
  startBackup,
  startRestore,
  untilState,
  verify,
} from './support/runs.ts';

test('a worker that is killed amid a backup and a restore loses nothing: another one completes both', async () => {
  await using cluster = await startCluster();
  const { api, place } = cluster;
  const [folder, target, restored] = [place.join('keep'), place.join('target'), place.join('restored')];
  await makeTexts(`${folder}/texts`, 500);
  await makeNoise(`${folder}/z-noise`, 16, 4 * MIB);
  const [first, second] = [place.join('first'), place.join('second')];
  const repositories = [
    await makeRepository(api, first, gated(first)),
    await makeRepository(api, second, gated(second)),
  ] as const;
  const workloadId = await makeWorkload(api, 'keep', [directorySource('files', folder)]);
  const doomed = await cluster.work();
  const { id: backupId } = await runBackup(api, { workloadId, repositoryId: repositories[1] });

  await mkdir(target);
  await using putGate = await closeGate(first, 'put 2');
  await using getGate = await closeGate(second, 'get 5');
  const backup = await startBackup(api, { workloadId, repositoryId: repositories[0] });
  const restore = await startRestore(api, { backupId, target: { kind: 'DIRECTORY', path: target } });
  await untilState(api, 'backup', backup, isReading);
  await waitFor(() => readdir(target, { recursive: true }).then(({ length }) => length > 100), {
    message: 'files that are staged',
    timeoutMs: 60_000,
  });
  await doomed.kill();
  const visible = await readdir(target);
  expect(visible.filter((name) => !name.startsWith('.strongroom-restore-'))).toEqual([]);
  await Promise.all([putGate[Symbol.asyncDispose](), getGate[Symbol.asyncDispose]()]);

  await cluster.work();
  expect(await endOfBackup(api, backup)).toMatchObject({ status: 'SUCCEEDED', attempts: 2, error: null, warnings: [] });
  expect(await endOfRestore(api, restore)).toMatchObject({ status: 'SUCCEEDED', attempts: 2, error: null });
  const facts = await treeFacts(folder);
  expect(await treeFacts(`${target}/files/files`)).toEqual(facts);
  expect(await readdir(target)).toEqual(['files']);
  expect(await verify(api, backup)).toMatchObject({ sound: true, damage: [] });
  await runRestore(api, { backupId: backup, target: { kind: 'DIRECTORY', path: restored } });
  expect(await treeFacts(`${restored}/files/files`)).toEqual(facts);
}, 180_000);
