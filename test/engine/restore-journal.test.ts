import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
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
    await journal.add('uploads', outcome);
  }
  await using again = await open();
  expect(again.begun).toBe(true);
  expect(again.outcome('uploads')).toEqual(outcome);
  expect(again.outcome('other')).toBeUndefined();
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
