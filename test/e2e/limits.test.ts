import { expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { directorySource, makeRepository, makeWorkload, mutate } from './support/calls.ts';
import { startCluster } from './support/cluster.ts';
import { makeNoise, MIB } from './support/files.ts';
import { endOfBackup, isReading, startBackup, untilState, verify } from './support/runs.ts';

/** At this speed a backup of the data below would take ten minutes. */
const CRAWL = 64 * 1024;

test('limits are changed while another process runs a backup: its speed, its lanes', async () => {
  await using cluster = await startCluster();
  const { api, place } = cluster;
  await makeNoise(place.join('data-to-keep'), 10, 4 * MIB);
  const repositoryId = await makeRepository(api, place.join('repository'));
  const workloadId = await makeWorkload(api, 'noise', [directorySource('noise', place.join('data-to-keep'))]);
  const limit = (uploadBytesPerSecond: number) =>
    mutate(api, 'updateRepository', { id: repositoryId, uploadBytesPerSecond }, 'Repository');
  await limit(CRAWL);
  await cluster.work();
  const { workers } = await api.ask<{ workers: { nodes: { id: string; running: boolean; lanes: number }[] } }>(
    '{ workers { nodes { id running lanes } } }',
  );
  expect(workers.nodes).toMatchObject([{ running: true }]);
  const worker = { id: workers.nodes[0]?.id, laneLimit: 1 };
  expect(await mutate(api, 'updateWorker', worker, 'Worker', 'laneLimit')).toMatchObject({ laneLimit: 1 });

  const cancelled = await startBackup(api, { workloadId, repositoryId });
  await untilState(api, 'backup', cancelled, isReading);
  await mutate(api, 'cancelBackup', { id: cancelled }, 'Backup');
  expect(await endOfBackup(api, cancelled)).toMatchObject({ status: 'CANCELLED' });

  const id = await startBackup(api, { workloadId, repositoryId });
  await untilState(api, 'backup', id, isReading);
  await limit(0);
  expect(await endOfBackup(api, id)).toMatchObject({ status: 'SUCCEEDED', attempts: 1 });
  expect(await verify(api, id)).toMatchObject({ sound: true });

  const stopped = await cluster.work();
  const names = async () => {
    const answer = await api.ask<{ workers: { nodes: { running: boolean }[] } }>('{ workers { nodes { running } } }');
    return answer.workers.nodes.map(({ running }) => running);
  };
  expect(await names()).toEqual([true, true]);
  await stopped[Symbol.asyncDispose]();
  await waitFor(async () => (await names()).toString() === 'true,false', { message: 'one worker to be gone' });
}, 180_000);
