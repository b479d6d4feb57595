import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Staging } from '../../../plugins/source/directory/staging.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

test('an attempt that was overtaken moves nothing and removes nothing', async () => {
  await using place = await makeTempDir();
  const stale = await Staging.open(place.path, 'restore');
  rmSync(stale.path, { recursive: true });
  const present = await Staging.open(place.path, 'restore');
  await expect(stale.beginMoving(true)).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
  await stale.discard();
  expect(existsSync(present.path)).toBe(true);
  expect(present.moving).toBe(false);
  await present.beginMoving(true);
  expect(present.moving).toBe(true);
});

test('what was staged but not flushed is gone on with until the machine is started anew, and not after', async () => {
  await using place = await makeTempDir();
  const staging = await Staging.open(place.path, 'restore');
  await staging.beginMoving(false);
  expect(staging).toMatchObject({ moving: true, durable: false });
  expect((await Staging.open(place.path, 'restore')).moving).toBe(true);

  writeFileSync(`${staging.path}/moving`, 'moving 01234567-89ab-cdef-0123-456789abcdef\n');
  writeFileSync(`${staging.path}/directories`, '');
  const fresh = await Staging.open(place.path, 'restore');
  expect(fresh.moving).toBe(false);
  expect(existsSync(fresh.directories)).toBe(false);
});

test('what was staged and flushed is gone on with whenever that is', async () => {
  await using place = await makeTempDir();
  await (await Staging.open(place.path, 'restore')).beginMoving(true);
  expect(await Staging.open(place.path, 'restore')).toMatchObject({ moving: true, durable: true });
});
