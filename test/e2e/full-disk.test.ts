import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { execa } from 'execa';
import { describe, expect, test } from 'vitest';
import { directorySource, makeRepository, makeWorkload, mutate } from './support/calls.ts';
import { makeNoise, MIB } from './support/files.ts';
import { endOfBackup, endOfRestore, startBackup, startRestore, untilState, verify } from './support/runs.ts';
import { startScene } from './support/scene.ts';

const isRoot = process.getuid?.() === 0;

async function smallDisk(path: string, size: string): Promise<AsyncDisposable> {
  await mkdir(path);
  await execa('mount', ['-t', 'tmpfs', '-o', `size=${size},mode=755`, 'tmpfs', path]);
  return { [Symbol.asyncDispose]: async () => void (await execa('umount', ['-l', path])) };
}

// An ordinary user can't mount a small disk; the continuous run is root's and never leaves this out.
describe.runIf(isRoot)('a disk that is full', () => {
  test('lets a backup wait with the reason, until there is room; and a restore leave its target as it was', async () => {
    await using scene = await startScene();
    const { api, place } = scene;
    await using _disk = await smallDisk(place.join('disk'), '24m');
    await makeNoise(place.join('keep'), 10, 4 * MIB);
    const repositoryId = await makeRepository(api, place.join('disk/repository'));
    const workloadId = await makeWorkload(api, 'keep', [directorySource('noise', place.join('keep'))]);

    const id = await startBackup(api, { workloadId, repositoryId });
    const { error } = await untilState(api, 'backup', id, (state) => state.error !== null);
    expect(error).toMatchObject({ code: 'STORAGE_FULL', message: expect.stringMatching(/full/) });
    expect(error?.help).toContain('room');
    await execa('mount', ['-o', 'remount,size=100m', place.join('disk')]);
    const backup = await endOfBackup(api, id);
    expect(backup).toMatchObject({ status: 'SUCCEEDED', error: null, files: '10' });
    expect(backup.attempts).toBeGreaterThan(1);
    expect(await verify(api, id)).toMatchObject({ sound: true, damage: [] });

    await using _target = await smallDisk(place.join('target'), '12m');
    await writeFile(place.join('target/there'), 'before');
    const target = { kind: 'DIRECTORY', path: place.join('target') };
    const restore = await startRestore(api, { backupId: id, target });
    const failed = await untilState(api, 'restore', restore, (state) => state.error !== null);
    expect(failed.error).toMatchObject({ code: 'RESTORE_FAILED', message: expect.stringMatching(/space|full/i) });
    await mutate(api, 'cancelRestore', { id: restore }, 'Restore');
    expect(await endOfRestore(api, restore)).toMatchObject({ status: 'CANCELLED' });
    const left = (await readdir(place.join('target'))).filter((name) => !name.startsWith('.strongroom-restore-'));
    expect(left).toEqual(['there']);
  }, 120_000);
});
