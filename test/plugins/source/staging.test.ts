import { existsSync, rmSync } from 'node:fs';
import { expect, test } from 'vitest';
import { Staging } from '../../../plugins/source/directory/staging.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

test('an attempt that was overtaken moves nothing and removes nothing', async () => {
  await using place = await makeTempDir();
  const stale = await Staging.open(place.path, 'restore');
  rmSync(stale.path, { recursive: true });
  const present = await Staging.open(place.path, 'restore');
  await expect(stale.beginMoving()).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
  await stale.discard();
  expect(existsSync(present.path)).toBe(true);
  expect(present.moving).toBe(false);
  await present.beginMoving();
  expect(present.moving).toBe(true);
});
