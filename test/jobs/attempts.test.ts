import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StrongroomError } from '../../src/errors.ts';
import { actor, type Harness, startHarness } from '../services/support/harness.ts';

let harness: Harness;
let worker: AsyncDisposable;
beforeAll(async () => {
  harness = await startHarness();
  worker = await harness.work();
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

const eventsOf = async (id: string): Promise<string[]> => {
  const events = await harness.catalogue.prisma.event.findMany({
    where: { subjectId: id },
    orderBy: { sequence: 'asc' },
  });
  return events.map((event) => event.type);
};

describe('a backup', () => {
  test('runs to its end and keeps its result', async () => {
    const id = await harness.backup({ retentionDays: 30 });
    await harness.until('backup', id, 'SUCCEEDED');
    const row = await harness.catalogue.prisma.backup.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      snapshotId: id,
      checksum: 'c'.repeat(64),
      files: 3n,
      tables: 1,
      logicalBytes: 300_023n,
      attempts: 1,
      errorCode: null,
      initiatedBy: 'token:tester',
      compression: 'zstd',
      encryption: 'aes-256-gcm',
    });
    expect(row.sources).toMatchObject([{ name: 'app' }, { name: 'orders' }, { name: 'uploads' }]);
    expect(row.expiresAt?.getTime()).toBe((row.completedAt?.getTime() ?? 0) + 30 * 24 * 3600 * 1000);
    expect(await eventsOf(id)).toEqual(['backup.created', 'backup.started', 'backup.completed']);
  });

  test('with warnings is partial', async () => {
    const warning = { code: 'SOURCE_FILE_UNREADABLE', subject: '/files/uploads/x', message: 'no' };
    const id = await harness.backup();
    harness.engine.answerNext('backup', { ...emptyResult(id), warnings: [warning], warningCount: 7 });
    await harness.until('backup', id, 'PARTIAL');
    const row = await harness.catalogue.prisma.backup.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ warningCount: 7, warnings: [warning] });
  });

  test('hands the engine opened secrets, the sources of its type and the parent', async () => {
    const place = await harness.prepare();
    const first = await harness.services.backups.create(actor, place);
    await harness.until('backup', first.id, 'SUCCEEDED');
    const second = await harness.services.backups.create(actor, {
      ...place,
      type: 'INCREMENTAL',
      excludeTables: ['log_*'],
    });
    await harness.until('backup', second.id, 'SUCCEEDED');
    const files = await harness.services.backups.create(actor, { ...place, type: 'FILES' });
    await harness.until('backup', files.id, 'SUCCEEDED');

    expect(inputOf(second.id)).toMatchObject({
      parent: first.id,
      resume: false,
      selection: { excludeTables: ['log_*'] },
      repository: {
        key: { kind: 'passphrase', passphrase: 'a passphrase nobody may see' },
        storage: { configuration: { credentials: { user: 'me', token: 'a-token-nobody-may-see' } } },
      },
    });
    expect(inputOf(first.id)).not.toHaveProperty('parent');
    expect(inputOf(files.id)).toMatchObject({
      sources: [{ name: 'uploads', configuration: { place: '/srv/uploads', password: 'a-password-nobody-may-see' } }],
    });
    const row = await harness.catalogue.prisma.backup.findUniqueOrThrow({ where: { id: second.id } });
    expect(row.parentId).toBe(first.id);
  });

  test('without a parent reads everything', async () => {
    const id = await harness.backup({ type: 'INCREMENTAL' });
    await harness.until('backup', id, 'SUCCEEDED');
    expect(inputOf(id)).not.toHaveProperty('parent');
  });
});

describe('an error', () => {
  test('that may mend itself is tried again, and shows meanwhile', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    held.release(new StrongroomError('STORAGE_UNAVAILABLE', { reason: 'a test' }));
    const waiting = await harness.until('backup', id, 'QUEUED');
    expect(waiting).toMatchObject({ errorCode: 'STORAGE_UNAVAILABLE', attempts: 1 });
    const done = await harness.until('backup', id, 'SUCCEEDED');
    expect(done).toMatchObject({ errorCode: null, attempts: 2 });
    expect(inputOf(id)).toMatchObject({ resume: true });
    expect(await eventsOf(id)).toEqual([
      'backup.created',
      'backup.started',
      'backup.retrying',
      'backup.started',
      'backup.completed',
    ]);
  });

  test('of another kind ends the run at once', async () => {
    harness.engine.failNext('backup', new StrongroomError('REPOSITORY_KEY_WRONG', { kind: 'passphrase' }));
    const id = await harness.backup();
    const row = await harness.until('backup', id, 'FAILED');
    expect(row).toMatchObject({ errorCode: 'REPOSITORY_KEY_WRONG', attempts: 1 });
    expect(await eventsOf(id)).toContain('backup.failed');

    await harness.services.backups.retry(actor, id);
    expect(await harness.until('backup', id, 'SUCCEEDED')).toMatchObject({ attempts: 2, errorCode: null });
    expect(inputOf(id)).toMatchObject({ resume: true });
  });

  test('that goes on is final when the attempts are used up', async () => {
    for (let attempt = 0; attempt < 4; attempt++) {
      harness.engine.failNext('backup', new StrongroomError('STORAGE_UNAVAILABLE', { reason: 'a test' }));
    }
    const id = await harness.backup();
    const row = await harness.until('backup', id, 'FAILED');
    expect(row).toMatchObject({ errorCode: 'STORAGE_UNAVAILABLE', attempts: 4 });
  });
});

describe('a defect', () => {
  test('is given up sooner', async () => {
    for (let attempt = 0; attempt < 3; attempt++) {
      harness.engine.failNext('backup', new StrongroomError('INTERNAL', { reason: 'a test' }));
    }
    const id = await harness.backup();
    expect(await harness.until('backup', id, 'FAILED')).toMatchObject({ errorCode: 'INTERNAL', attempts: 3 });
  });
});

describe('a lost connection', () => {
  test('to the catalogue is made again, and the run goes on', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    await harness.catalogue.prisma.$executeRaw`
      SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'`;
    held.release();
    await harness.until('backup', id, 'SUCCEEDED');
    const again = await harness.backup();
    expect(await harness.until('backup', again, 'SUCCEEDED')).toMatchObject({ attempts: 1 });
  });
});

describe('cancelling', () => {
  test('stops a running backup', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    await harness.services.backups.cancel(actor, id);
    await harness.services.backups.cancel(actor, id);
    await harness.until('backup', id, 'CANCELLED');
    expect(await eventsOf(id)).toEqual([
      'backup.created',
      'backup.started',
      'backup.cancelRequested',
      'backup.cancelled',
    ]);
  });

  test('a run that ended is refused', async () => {
    const id = await harness.backup();
    await harness.until('backup', id, 'SUCCEEDED');
    await expect(harness.services.backups.cancel(actor, id)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
  });
});

describe('restores and verifications', () => {
  test('run over the same ways', async () => {
    const id = await harness.backup();
    await harness.until('backup', id, 'SUCCEEDED');
    const restore = await harness.services.restores.create(actor, { backupId: id, paths: ['/files/uploads/a.txt'] });
    await harness.until('restore', restore.id, 'SUCCEEDED');
    const restored = await harness.catalogue.prisma.restore.findUniqueOrThrow({ where: { id: restore.id } });
    expect(restored).toMatchObject({
      type: 'SELECTION',
      filesRestored: 3n,
      bytesRestored: 300_023n,
      tablesRestored: 0,
    });

    const damage = [{ object: 'packs/00/00', reason: 'a test', paths: ['/files/uploads/a.txt'] }];
    harness.engine.answerNext('verify', { sound: false, objectsRead: 1, bytesRead: 2, damage });
    const check = await harness.services.verifications.create(actor, { backupId: id });
    await harness.until('verification', check.id, 'SUCCEEDED');
    const checked = await harness.catalogue.prisma.verification.findUniqueOrThrow({
      where: { id: check.id },
      include: { backup: true },
    });
    expect(checked).toMatchObject({ sound: false, damage, backup: { verified: false, verifiedLevel: 'DATA' } });

    const again = await harness.services.verifications.create(actor, { backupId: id });
    await harness.until('verification', again.id, 'SUCCEEDED');
    expect(await harness.catalogue.prisma.backup.findUniqueOrThrow({ where: { id } })).toMatchObject({
      verified: true,
    });
  });

  test('of which two go into the same place are refused', async () => {
    const id = await harness.backup();
    await harness.until('backup', id, 'SUCCEEDED');
    const held = harness.engine.hold('restore');
    const first = await harness.services.restores.create(actor, { backupId: id });
    await held.started;
    await expect(harness.services.restores.create(actor, { backupId: id })).rejects.toMatchObject({
      code: 'STATE_CONFLICT',
    });
    await expect(harness.services.backups.delete(actor, id)).rejects.toMatchObject({ code: 'STATE_CONFLICT' });
    await harness.services.restores.cancel(actor, first.id);
    await harness.until('restore', first.id, 'CANCELLED');
    await harness.services.backups.delete(actor, id);
    expect(await harness.catalogue.prisma.backup.findUnique({ where: { id } })).toBeNull();
  });
});

const inputOf = (id: string): unknown =>
  harness.engine.calls.findLast(
    ({ operation, input }) => operation === 'backup' && (input as { backupId: string }).backupId === id,
  )?.input;

const emptyResult = (snapshotId: string) => ({
  snapshotId,
  checksum: 'd'.repeat(64),
  sources: [],
  logicalBytes: 0,
  readBytes: 0,
  addedBytes: 0,
  storedBytes: 0,
  files: 0,
  unchangedFiles: 0,
  warnings: [],
  warningCount: 0,
});
