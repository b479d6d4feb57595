import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { directorySource, makeRepository, makeWorkload, mutate } from './support/calls.ts';
import { makeTexts } from './support/files.ts';
import { runBackup, runRestore } from './support/runs.ts';
import { startScene } from './support/scene.ts';

test('a path of a workload of several sources is restored, and nothing beside it', async () => {
  await using scene = await startScene();
  const uploads = scene.place.join('uploads');
  await makeTexts(`${uploads}/2023`, 5);
  await makeTexts(`${uploads}/2024`, 5);
  const other = scene.place.join('other');
  await mkdir(other);
  await writeFile(`${other}/kept.txt`, 'as backed up');
  const repositoryId = await makeRepository(scene.api, scene.place.join('repository'));
  const sources = [directorySource('uploads', uploads), directorySource('other', other)];
  const workloadId = await makeWorkload(scene.api, 'several', sources);
  const { id: backupId } = await runBackup(scene.api, { workloadId, repositoryId });

  await writeFile(`${uploads}/2023/text-1.txt`, 'an edit that must stay');
  await writeFile(`${uploads}/2024/text-1.txt`, 'an edit that must go');
  await writeFile(`${other}/kept.txt`, 'another that must stay');
  const order = { backupId, paths: ['/files/uploads/2024/text-1.txt'], conflictPolicy: 'OVERWRITE' };
  expect(await mutate(scene.api, 'previewRestore', order, 'RestorePreview', 'added changed conflicts')).toMatchObject({
    added: '0',
    changed: '1',
    conflicts: '0',
  });
  const restore = await runRestore(scene.api, order);
  expect(restore.status).toBe('SUCCEEDED');
  expect(await readFile(`${uploads}/2024/text-1.txt`, 'utf8')).toBe('text 1\n');
  expect(await readFile(`${uploads}/2023/text-1.txt`, 'utf8')).toBe('an edit that must stay');
  expect(await readFile(`${other}/kept.txt`, 'utf8')).toBe('another that must stay');

  const beside = scene.place.join('beside');
  await runRestore(scene.api, {
    backupId,
    sources: ['uploads'],
    paths: ['/files/uploads/2024/text-2.txt'],
    target: { kind: 'DIRECTORY', path: beside },
  });
  const restored = await readdir(beside, { recursive: true });
  expect(restored.filter((path) => path.endsWith('.txt'))).toEqual(['files/uploads/2024/text-2.txt']);
}, 120_000);
