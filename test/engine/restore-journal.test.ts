import { existsSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { bootId } from '../../src/contracts/index.ts';
import { RestoreJournal, type SourceOutcome } from '../../src/engine/restore-journal.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const outcome: SourceOutcome = {
  files: 3,
  bytes: 42,
  tables: [{ name: 'public.orders', rows: 7 }],
  warnings: [{ code: 'REPOSITORY_DAMAGED', subject: '/files/a', message: 'It is damaged.' }],
  warningCount: 5,
};

test('a later attempt knows that one has begun, and what it came to', async () => {
  await using place = await makeTempDir();
  const open = () => RestoreJournal.open(place.path, 'a-restore', new Date());
  {
    await using journal = await open();
    expect(journal.begun).toBe(false);
    await journal.begin();
    await journal.add('uploads', outcome, true);
    await journal.add('photos', { ...outcome, files: 4 }, false);
  }
  const flushed = (source: string): boolean => existsSync(place.join('restores', 'a-restore', `${source}.json`));
  expect(flushed('uploads')).toBe(true);
  expect(flushed('photos')).toBe(bootId() === undefined);
  await using again = await open();
  expect(again.begun).toBe(true);
  expect(again.outcome('uploads')).toEqual(outcome);
  expect(again.outcome('photos')).toEqual({ ...outcome, files: 4 });
  expect(again.outcome('other')).toBeUndefined();
});

test('what was not flushed counts until the machine is started anew, and what was not written to its end never', async () => {
  await using place = await makeTempDir();
  const folder = place.join('restores', 'a-restore');
  const earlier = `${folder}/6b1f7a9e-0c1d-4e55-9f0e-2f9f0d3c1a77`;
  await mkdir(earlier, { recursive: true });
  await writeFile(`${earlier}/photos.json`, JSON.stringify(outcome));
  await writeFile(`${folder}/uploads.json.part`, '{');
  await writeFile(`${folder}/.begun`, '');
  await using journal = await RestoreJournal.open(place.path, 'a-restore', new Date());
  expect(journal.begun).toBe(true);
  expect(journal.outcome('photos')).toBeUndefined();
  expect(journal.outcome('uploads')).toBeUndefined();
});

test('one that has changed nothing leaves nothing, and old ones go', async () => {
  await using place = await makeTempDir();
  {
    await using _refused = await RestoreJournal.open(place.path, 'refused', new Date());
  }
  expect(existsSync(place.join('restores', 'refused'))).toBe(false);
  {
    await using old = await RestoreJournal.open(place.path, 'old', new Date());
    await old.begin();
  }
  const later = new Date(Date.now() + 60 * 24 * 3600 * 1000);
  await using _later = await RestoreJournal.open(place.path, 'later', later);
  expect(existsSync(place.join('restores', 'old'))).toBe(false);
});
