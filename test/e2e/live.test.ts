import { expect, test } from 'vitest';
import { startCluster } from './support/cluster.ts';
import { closeGate, directorySource, gated, makeRepository, makeWorkload } from './support/calls.ts';
import { makeNoise, MIB } from './support/files.ts';
import { allStates, isReading, type Progress, startBackup, untilState, watch } from './support/runs.ts';

const expectGrowing = (states: readonly Progress[]): void => {
  const bytes = states.map(({ bytesDone }) => Number(bytesDone));
  expect(bytes).toEqual(bytes.toSorted((a, b) => a - b));
};

test('a backup in another process is watched live by several: the present state, changes, the end', async () => {
  await using cluster = await startCluster();
  const { api, place } = cluster;
  await makeNoise(place.join('data-to-keep'), 16, 4 * MIB);
  const path = place.join('repository');
  const repositoryId = await makeRepository(api, path, gated(path));
  const workloadId = await makeWorkload(api, 'noise', [directorySource('noise', place.join('data-to-keep'))]);

  await using gate = await closeGate(path, 'put 2');
  const id = await startBackup(api, { workloadId, repositoryId });
  const first = watch(api, 'backup', id);
  const present = await first.next();
  expect(present.value).toMatchObject({ status: 'QUEUED', phase: 'QUEUED', finished: false });
  const subscribers = [
    Array.fromAsync(first),
    allStates(api, 'backup', id),
    allStates(api, 'backup', id, 'watchEvents'),
  ] as const;
  await cluster.work();
  const reading = await untilState(api, 'backup', id, isReading);
  expect(reading.currentItem === null || reading.currentItem.includes('noise')).toBe(true);
  await gate[Symbol.asyncDispose]();

  const all = await Promise.all(subscribers);
  for (const states of all) {
    expect(states.length).toBeGreaterThan(2);
    expect(states.filter(({ status }) => status === 'RUNNING').length).toBeGreaterThan(0);
    expect(states.filter(({ finished }) => finished)).toEqual([states.at(-1)]);
    expect(states.at(-1)).toMatchObject({ status: 'SUCCEEDED', phase: 'DONE', bytesDone: String(64 * MIB) });
    expectGrowing(states);
  }
  expect(all[1][0]).toMatchObject({ finished: false });

  for (const way of ['watch', 'watchEvents'] as const) {
    const late = await allStates(api, 'backup', id, way);
    expect(late).toEqual([all[0].at(-1)]);
  }
}, 120_000);
