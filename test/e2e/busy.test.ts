import { mkdir, readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import {
  closeGate,
  directorySource,
  failureOf,
  gated,
  gatedStorage,
  makeRepository,
  makeWorkload,
  mutate,
} from './support/calls.ts';
import { makeDigits, makeNoise, makeTexts, MIB } from './support/files.ts';
import {
  endOfBackup,
  endOfRestore,
  isReading,
  runBackup,
  startBackup,
  startRestore,
  untilState,
  verify,
} from './support/runs.ts';
import { type Scene, startScene } from './support/scene.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;
let workloadId: string;

beforeAll(async () => {
  scene = stack.use(await startScene({ STRONGROOM_PLUGINS: gatedStorage }));
  await makeDigits(scene.place.join('noise'), 16, 16 * MIB);
  workloadId = await makeWorkload(scene.api, 'noise', [directorySource('noise', scene.place.join('noise'))]);
}, 120_000);
afterAll(() => stack.disposeAsync());

describe('while a large backup runs in the same process', () => {
  test('the API answers, the backup stops within two seconds when it is cancelled, and the next one completes', async () => {
    const { api, place } = scene;
    const repositoryId = await makeRepository(api, place.join('repository'), { compressionLevel: 19 });
    const id = await startBackup(api, { workloadId, repositoryId });
    await untilState(api, 'backup', id, isReading);
    for (let question = 0; question < 100; question++) {
      await api.ask('{ server { version } workloads { nodes { name } } }');
    }
    const { backup } = await api.ask<{ backup: { status: string } }>(
      'query ($id: ID!) { backup(id: $id) { status } }',
      { id },
    );
    expect(backup.status).toBe('RUNNING');

    const asked = Date.now();
    await mutate(api, 'cancelBackup', { id }, 'Backup');
    const ended = await endOfBackup(api, id);
    expect(ended).toMatchObject({ status: 'CANCELLED' });
    // Two seconds, and one for a machine that does other things.
    expect(Date.parse(ended.completedAt) - asked).toBeLessThan(3_000);

    await makeTexts(place.join('small'), 40);
    const small = await makeWorkload(api, 'small', [directorySource('files', place.join('small'))]);
    const next = await runBackup(api, { workloadId: small, repositoryId });
    expect(next).toMatchObject({ status: 'SUCCEEDED' });
    expect(await verify(api, next.id)).toMatchObject({ sound: true });
    expect(await failureOf(api, 'cancelBackup', { id: next.id })).toMatchObject({ __typename: 'ConflictError' });
  }, 120_000);
});

test('a restore that is cancelled leaves its target as it was', async () => {
  const { api, place } = scene;
  const path = place.join('gated');
  const repositoryId = await makeRepository(api, path, gated(path));
  await makeTexts(place.join('keep'), 400);
  await makeNoise(place.join('keep/z'), 10, 4 * MIB);
  const keep = await makeWorkload(api, 'keep', [directorySource('files', place.join('keep'))]);
  const { id: backupId } = await runBackup(api, { workloadId: keep, repositoryId });
  const target = place.join('target');
  await mkdir(target);
  await using _gate = await closeGate(path, 'get 5');
  const id = await startRestore(api, { backupId, target: { kind: 'DIRECTORY', path: target } });
  await waitFor(() => readdir(target, { recursive: true }).then(({ length }) => length > 20), {
    message: 'files that are staged',
    timeoutMs: 60_000,
  });
  await mutate(api, 'cancelRestore', { id }, 'Restore');
  expect(await endOfRestore(api, id)).toMatchObject({ status: 'CANCELLED' });
  expect(await readdir(target)).toEqual([]);
}, 120_000);
