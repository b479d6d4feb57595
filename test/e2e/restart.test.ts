import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Api, connect } from '../support/api-client.ts';
import { type Service, startService } from '../support/service-process.ts';
import { closeGate, directorySource, gated, gatedStorage, makeRepository, makeWorkload } from './support/calls.ts';
import { makeNoise, MIB } from './support/files.ts';
import { backupNow, endOfBackup, isReading, runBackup, startBackup, untilState, verify } from './support/runs.ts';
import { type Scene, startScene } from './support/scene.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;
let ground: { workloadId: string; repositoryId: string };
let path: string;

beforeAll(async () => {
  scene = stack.use(await startScene({ STRONGROOM_PLUGINS: gatedStorage }));
  const { api, place } = scene;
  await makeNoise(place.join('keep'), 12, 4 * MIB);
  path = place.join('repository');
  const repositoryId = await makeRepository(api, path, gated(path));
  ground = {
    workloadId: await makeWorkload(api, 'keep', [directorySource('noise', place.join('keep'))]),
    repositoryId,
  };
}, 120_000);
afterAll(() => stack.disposeAsync());

/** Starts the service again on the same data directory. */
async function again(): Promise<{ service: Service; api: Api }> {
  const service = stack.use(await startService({ environment: scene.environment }));
  return { service, api: stack.use(connect(service.url, scene.service.token)) };
}

test('a second service on the same data directory is refused in words', async () => {
  const second = startService({ environment: scene.environment });
  await expect(second).rejects.toThrow(/data directory .* is in use by another Strongroom/);
}, 60_000);

test('a service that is stopped, then one that is killed amid a backup: the next start completes it', async () => {
  let id: string;
  {
    await using _gate = await closeGate(path, 'put 2');
    id = await startBackup(scene.api, ground);
    await untilState(scene.api, 'backup', id, isReading);
    expect(await scene.service.stop()).toBe(0);
  }
  const second = await again();
  const handedBack = await endOfBackup(second.api, id);
  expect(handedBack).toMatchObject({ status: 'SUCCEEDED', error: null, warnings: [], files: '12' });

  await makeNoise(scene.place.join('keep/more'), 12, 4 * MIB);
  let killed: string;
  {
    await using _gate = await closeGate(path, 'put 2');
    killed = await startBackup(second.api, ground);
    await untilState(second.api, 'backup', killed, isReading);
    await second.service.kill();
  }
  const { api } = await again();
  expect(await backupNow(api, id)).toEqual(handedBack);
  expect(await endOfBackup(api, killed)).toMatchObject({ status: 'SUCCEEDED', attempts: 2, error: null, files: '24' });
  expect(await verify(api, killed)).toMatchObject({ sound: true, damage: [] });
  const after = await runBackup(api, { ...ground, type: 'INCREMENTAL' });
  expect(after).toMatchObject({ status: 'SUCCEEDED', unchangedFiles: '24' });
}, 180_000);
