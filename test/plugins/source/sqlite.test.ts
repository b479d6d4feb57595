import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, openSync, readdirSync, statSync, writeFileSync, writeSync, closeSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { describe, expect, onTestFinished, test } from 'vitest';
import sqlite from '../../../plugins/source/sqlite/index.ts';
import type { ConflictPolicy, RestoreTarget, Source } from '../../../src/contracts/index.ts';
import { bringBack, keepAll, openHost, testContext } from '../../support/source-harness.ts';
import type { KeptEntry } from '../../support/source-harness.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

const sourceOf = (path: string): Promise<Source> => sqlite.create(sqlite.configuration.parse({ path }), openHost);
const inPlace: RestoreTarget = { kind: 'inPlace' };

function makeBank(path: string, mode = 'WAL'): void {
  using database = new DatabaseSync(path);
  database.exec(`PRAGMA journal_mode = ${mode}`);
  for (const table of ['checking', 'savings']) {
    database.exec(`CREATE TABLE ${table} (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL, note TEXT)`);
    const insert = database.prepare(`INSERT INTO ${table} (amount, note) VALUES (1000, ?)`);
    database.exec('BEGIN');
    for (let id = 0; id < 1_000; id++) insert.run('a note that makes pages '.repeat(20));
    database.exec('COMMIT');
  }
}

function totalOf(path: string): number {
  using database = new DatabaseSync(path, { readOnly: true });
  const row = database.prepare(
    'SELECT (SELECT sum(amount) FROM checking) + (SELECT sum(amount) FROM savings) AS total',
  );
  return Number(row.get()?.['total']);
}

async function restoreTo(path: string, kept: KeptEntry[], policy: ConflictPolicy, target = inPlace): Promise<void> {
  await using context = await testContext();
  await using source = await sourceOf(path);
  await source.restore(bringBack(kept), { target, policy }, context);
}

const spoilt = (content: Buffer): Buffer =>
  content.length === 0 ? content : Buffer.from(content).fill(0xff, 8_192, 40_960);

async function keep(path: string): Promise<KeptEntry[]> {
  await using context = await testContext();
  await using source = await sourceOf(path);
  return await keepAll(source, context);
}

describe('an SQLite database', () => {
  test.for(['WAL', 'DELETE'])('is copied in one state while others write to it (%s)', async (mode) => {
    await using place = await makeTempDir('sqlite');
    const path = place.join('bank.db');
    makeBank(path, mode);
    const writer = spawn(process.execPath, [`${import.meta.dirname}/../../fixtures/source/sqlite-writer.ts`, path]);
    onTestFinished(() => void writer.kill());
    await once(writer.stdout, 'data');
    for (let round = 0; round < 5; round++) {
      const copied = place.join(`copy-${round}.db`);
      await using context = await testContext();
      await using source = await sourceOf(path);
      const kept = await keepAll(source, context);
      const file = kept.find((entry) => entry.kind === 'file');
      expect(file?.path.toString()).toBe('bank.db');
      // A time or inode would let an incremental backup take the file for unchanged while its -wal grows.
      expect(Object.keys(file?.metadata ?? {})).toEqual(['mode', 'uid', 'gid']);
      writeFileSync(copied, file?.content ?? '');
      expect(totalOf(copied)).toBe(2_000_000);
      expect(context.tables.get('savings')).toMatchObject({ rows: 1_000 });
      expect(context.tables.get('savings')?.bytes).toBeGreaterThan(400_000);
    }
    expect(writer.exitCode).toBeNull();
  });

  test('comes back in place, and no old -wal is played into it', async () => {
    await using place = await makeTempDir('sqlite');
    const path = place.join('bank.db');
    makeBank(path);
    const kept = await keep(path);
    const open = new DatabaseSync(path);
    open.exec('UPDATE checking SET amount = 7');
    expect(statSync(`${path}-wal`).size).toBeGreaterThan(0);

    await restoreTo(path, kept, 'OVERWRITE');

    expect(totalOf(path)).toBe(2_000_000);
    open.close();
    expect(totalOf(path)).toBe(2_000_000);
    expect(readdirSync(place.path).filter((name) => name.includes('strongroom'))).toEqual([]);
  });

  test('is refused, left or replaced where one is, as the policy says', async () => {
    await using place = await makeTempDir('sqlite');
    const path = place.join('bank.db');
    makeBank(path, 'DELETE');
    const kept = await keep(path);
    using database = new DatabaseSync(path);
    database.exec('UPDATE checking SET amount = 0');
    database.close();
    await using context = await testContext();
    await using source = await sourceOf(path);
    const preview = await Array.fromAsync(
      source.preview(bringBack(kept), { target: inPlace, policy: 'OVERWRITE' }, context),
    );
    expect(preview).toMatchObject([{ action: 'CHANGE', subject: path }]);

    await expect(restoreTo(path, kept, 'FAIL')).rejects.toMatchObject({ code: 'RESTORE_CONFLICT' });
    await restoreTo(path, kept, 'SKIP');
    expect(totalOf(path)).toBe(1_000_000);
    await restoreTo(path, kept, 'OVERWRITE');
    expect(totalOf(path)).toBe(2_000_000);
  });

  test('comes back into a directory, as a plain file', async () => {
    await using place = await makeTempDir('sqlite');
    makeBank(place.join('bank.db'));
    const kept = await keep(place.join('bank.db'));
    await restoreTo(place.join('bank.db'), kept, 'FAIL', { kind: 'directory', path: place.join('out/database') });
    expect(totalOf(place.join('out/database/bank.db'))).toBe(2_000_000);
    expect(statSync(place.join('out/database')).mode & 0o777).toBe(0o755);
  });

  test('is never replaced by one that is not whole', async () => {
    await using place = await makeTempDir('sqlite');
    const path = place.join('bank.db');
    makeBank(path, 'DELETE');
    const kept = await keep(path);
    const broken = kept.map((entry) => ({ ...entry, content: spoilt(entry.content) }));
    await expect(restoreTo(path, broken, 'OVERWRITE')).rejects.toMatchObject({ code: 'SOURCE_DAMAGED' });
    expect(totalOf(path)).toBe(2_000_000);
    expect(readdirSync(place.path)).toEqual(['bank.db']);
  });

  test('killed before the swap is put in place by a retry', async () => {
    await using scratch = await makeTempDir('scratch');
    await using place = await makeTempDir('sqlite');
    const path = place.join('bank.db');
    makeBank(path);
    const kept = await keep(path);
    const copy = place.join('kept.db');
    writeFileSync(copy, kept.find((entry) => entry.kind === 'file')?.content ?? '');
    using open = new DatabaseSync(path);
    open.exec('UPDATE checking SET amount = 7');
    const script = `${import.meta.dirname}/../../fixtures/source/dying-sqlite-restore.ts`;
    expect(
      spawnSync(process.execPath, [script, path, copy], {
        env: { TMPDIR: scratch.path, PATH: '/usr/local/bin:/usr/bin:/bin' },
      }).signal,
    ).toBe('SIGKILL');
    expect(totalOf(path)).toBe(1_007_000);

    await restoreTo(path, kept, 'OVERWRITE');

    expect(totalOf(path)).toBe(2_000_000);
    open.close();
    expect(totalOf(path)).toBe(2_000_000);
    expect(readdirSync(place.path).filter((name) => name.includes('strongroom'))).toEqual([]);
  });

  test('that is damaged, missing or no database fails the backup', async () => {
    await using place = await makeTempDir('sqlite');
    const path = place.join('bank.db');
    makeBank(path, 'DELETE');
    const file = openSync(path, 'r+');
    writeSync(file, Buffer.alloc(16_384, 0xff), 0, 16_384, 16_384);
    closeSync(file);
    writeFileSync(place.join('text.db'), 'This is no database, however long it is.'.repeat(200));
    mkdirSync(place.join('folder.db'));
    await expect(keep(path)).rejects.toMatchObject({ code: 'SOURCE_DAMAGED' });
    await expect(keep(place.join('text.db'))).rejects.toMatchObject({ code: 'SOURCE_DAMAGED' });
    await expect(keep(place.join('none.db'))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
    await expect(keep(place.join('folder.db'))).rejects.toMatchObject({ code: 'SOURCE_MISSING' });
    expect(existsSync(place.join('none.db'))).toBe(false);
  });

  test('tells its tables, and refuses to become a database on a server', async () => {
    await using place = await makeTempDir('sqlite');
    const path = place.join('bank.db');
    makeBank(path);
    await using context = await testContext();
    await using source = await sourceOf(path);
    await source.check(context);
    const found = await Array.fromAsync(source.discover(context));
    expect(found).toMatchObject([
      { kind: 'table', rows: 1_000 },
      { kind: 'table', rows: 1_000 },
    ]);
    await expect(restoreTo(path, [], 'FAIL', { kind: 'database', name: 'other' })).rejects.toMatchObject({
      code: 'RESTORE_TARGET_UNSUITABLE',
    });
  });

  test('stops copying when the backup is cancelled', async () => {
    await using place = await makeTempDir('sqlite');
    const path = place.join('bank.db');
    makeBank(path);
    await using context = await testContext({ signal: AbortSignal.abort() });
    await using source = await sourceOf(path);
    await expect(keepAll(source, context)).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});
