import { readFile, rm, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { directorySource, makeRepository, makeWorkload, mutate } from './support/calls.ts';
import { makeTexts, treeFacts } from './support/files.ts';
import { runBackup, runRestore } from './support/runs.ts';
import { type Scene, startScene } from './support/scene.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;
let repositoryId: string;

beforeAll(async () => {
  scene = stack.use(await startScene());
  repositoryId = await makeRepository(scene.api, scene.place.join('repository'));
}, 120_000);
afterAll(() => stack.disposeAsync());

/** Twenty texts in a folder, backed up; then one was lost and one changed. */
async function damagedFolder(name: string) {
  const folder = scene.place.join(name);
  await makeTexts(folder, 20);
  const workloadId = await makeWorkload(scene.api, name, [directorySource('texts', folder)]);
  const { id: backupId } = await runBackup(scene.api, { workloadId, repositoryId });
  const asBackedUp = await treeFacts(folder);
  await rm(`${folder}/text-3.txt`);
  await writeFile(`${folder}/text-4.txt`, 'changed since');
  await writeFile(`${folder}/new.txt`, 'made since');
  return { folder, workloadId, backupId, asBackedUp, asLeft: await treeFacts(folder) };
}

const preview = (backupId: string, conflictPolicy: string) =>
  mutate<Record<string, string>>(
    scene.api,
    'previewRestore',
    { backupId, conflictPolicy },
    'RestorePreview',
    'added changed kept conflicts',
  );

describe('a restore in place where something is there already', () => {
  test('changes nothing under FAIL, and says what is in the way', async () => {
    const { folder, backupId, asLeft } = await damagedFolder('fails');
    expect(Number((await preview(backupId, 'FAIL'))['conflicts'])).toBeGreaterThanOrEqual(1);
    const restore = await runRestore(scene.api, { backupId });
    expect(restore).toMatchObject({ status: 'FAILED', attempts: 1, error: { code: 'RESTORE_CONFLICT' } });
    expect(restore.error?.message).toContain('text-');
    expect(await treeFacts(folder)).toEqual(asLeft);
  });

  test('brings back only what is missing under SKIP', async () => {
    const { folder, backupId } = await damagedFolder('skips');
    expect(await preview(backupId, 'SKIP')).toMatchObject({ conflicts: '0', changed: '0', added: '1' });
    const restore = await runRestore(scene.api, { backupId, conflictPolicy: 'SKIP' });
    expect(['SUCCEEDED', 'PARTIAL']).toContain(restore.status);
    expect(await readFile(`${folder}/text-3.txt`, 'utf8')).toBe('text 3\n');
    expect(await readFile(`${folder}/text-4.txt`, 'utf8')).toBe('changed since');
  });

  test('makes everything as it was under OVERWRITE, and keeps what it does not know', async () => {
    const { folder, backupId, asBackedUp } = await damagedFolder('overwrites');
    const restore = await runRestore(scene.api, { backupId, conflictPolicy: 'OVERWRITE' });
    expect(restore).toMatchObject({ status: 'SUCCEEDED', error: null, warnings: [] });
    expect(await readFile(`${folder}/new.txt`, 'utf8')).toBe('made since');
    await rm(`${folder}/new.txt`);
    const { '': _now, ...now } = await treeFacts(folder);
    const { '': _then, ...then } = asBackedUp;
    expect(now).toEqual(then);
  });
});

test('what cannot be read becomes a warning, and the backup PARTIAL', async () => {
  const folder = scene.place.join('odd');
  await makeTexts(folder, 3);
  await execa('mkfifo', [`${folder}/pipe`]);
  const workloadId = await makeWorkload(scene.api, 'odd', [directorySource('texts', folder)]);
  const backup = await runBackup(scene.api, { workloadId, repositoryId });
  expect(backup).toMatchObject({ status: 'PARTIAL', files: '3' });
  expect(backup.warnings).toEqual([{ code: 'SOURCE_FILE_SPECIAL', subject: expect.stringContaining('pipe') }]);
  const restore = await runRestore(scene.api, {
    backupId: backup.id,
    target: { kind: 'DIRECTORY', path: scene.place.join('odd-restored') },
  });
  expect(restore).toMatchObject({ status: 'SUCCEEDED' });
});
