import { randomUUID as unique } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StrongroomError } from '../../src/errors.ts';
import type { CreateRestoreInput } from '../../src/services/restores.ts';
import { actor, type Harness, refusal, startHarness } from './support/harness.ts';

let harness: Harness;
let worker: AsyncDisposable;
let done: string;
beforeAll(async () => {
  harness = await startHarness();
  worker = await harness.work();
  done = await harness.backup();
  await harness.until('backup', done, 'SUCCEEDED');
});
afterAll(async () => {
  await worker[Symbol.asyncDispose]();
  await harness[Symbol.asyncDispose]();
});

describe('a backup', () => {
  test('says which field is wrong', async () => {
    const place = await harness.prepare();
    const create = (change: object) => refusal(harness.services.backups.create(actor, { ...place, ...change }));
    expect(await create({ retentionDays: 0 })).toMatchObject({ code: 'INPUT_INVALID', field: 'retentionDays' });
    expect(await create({ retentionDays: 1.5 })).toMatchObject({ field: 'retentionDays' });
    expect(await create({ sources: ['nowhere'] })).toMatchObject({ field: 'sources' });
    expect(await create({ type: 'FILES', sources: ['orders'] })).toMatchObject({ field: 'sources' });
    expect(await create({ type: 'FILES', includeTables: ['a'] })).toMatchObject({ field: 'includeTables' });
    expect(await create({ workloadId: unique() })).toMatchObject({ code: 'OBJECT_NOT_FOUND', type: 'workload' });
    expect(await create({ repositoryId: 'no id' })).toMatchObject({ code: 'OBJECT_NOT_FOUND', type: 'repository' });
    const { id: workloadId } = await harness.services.workloads.create(actor, { name: unique() });
    expect(await create({ workloadId })).toMatchObject({ code: 'INPUT_INVALID', field: 'workloadId' });
    expect(await create({ workloadId, type: 'DATABASE' })).toMatchObject({ field: 'type' });
  });

  test('has a name when none is given, and can be annotated', async () => {
    const row = await harness.catalogue.prisma.backup.findUniqueOrThrow({
      where: { id: done },
      include: { workload: true },
    });
    expect(row.name).toMatch(new RegExp(`^${row.workload.name} full \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d$`));
    await harness.services.backups.update(actor, { id: done, pinned: true, notes: 'Before the move' });
    expect(await harness.catalogue.prisma.backup.findUniqueOrThrow({ where: { id: done } })).toMatchObject({
      name: row.name,
      pinned: true,
      notes: 'Before the move',
    });
  });

  test('that succeeded is not tried again', async () => {
    expect(await refusal(harness.services.backups.retry(actor, done))).toMatchObject({ code: 'STATE_CONFLICT' });
  });

  test('is deleted with its snapshot, or stays as it is', async () => {
    const id = await harness.backup();
    await harness.until('backup', id, 'SUCCEEDED');
    harness.engine.failNext('deleteSnapshot', new StrongroomError('STORAGE_UNAVAILABLE', { reason: 'a test' }));
    expect(await refusal(harness.services.backups.delete(actor, id))).toMatchObject({ code: 'STORAGE_UNAVAILABLE' });
    expect(await harness.catalogue.prisma.backup.findUniqueOrThrow({ where: { id } })).toMatchObject({
      snapshotId: id,
    });
    await harness.services.backups.delete(actor, id);
    expect(harness.engine.calls.at(-1)).toMatchObject({ operation: 'deleteSnapshot', input: { snapshotId: id } });
    expect(await refusal(harness.services.backups.delete(actor, id))).toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  });

  test('is not deleted while it runs', async () => {
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    expect(await refusal(harness.services.backups.delete(actor, id))).toMatchObject({ code: 'STATE_CONFLICT' });
    held.release();
    await harness.until('backup', id, 'SUCCEEDED');
  });
});

describe('a restore', () => {
  const create = (change: Partial<CreateRestoreInput>) =>
    refusal(harness.services.restores.create(actor, { backupId: done, ...change }));

  test('says which field is wrong', async () => {
    expect(await create({ backupId: unique() })).toMatchObject({ code: 'OBJECT_NOT_FOUND' });
    expect(await create({ sources: ['nowhere'] })).toMatchObject({ code: 'INPUT_INVALID', field: 'sources' });
    expect(await create({ paths: ['uploads'] })).toMatchObject({ field: 'paths.0' });
    expect(await create({ paths: ['/files/elsewhere/x'] })).toMatchObject({ field: 'paths' });
    expect(await create({ target: { kind: 'DIRECTORY' } })).toMatchObject({ field: 'target.path' });
    expect(await create({ target: { kind: 'DIRECTORY', path: 'here' } })).toMatchObject({ field: 'target.path' });
    expect(await create({ target: { kind: 'DIRECTORY', path: '/etc' } })).toMatchObject({ code: 'PATH_NOT_ALLOWED' });
    expect(await create({ target: { kind: 'DATABASE' } })).toMatchObject({ field: 'target.database' });
    expect(await create({ target: { kind: 'IN_PLACE', path: '/allowed' } })).toMatchObject({ field: 'target.path' });
    expect(await create({ target: { kind: 'DATABASE', database: 'copy' }, sources: ['uploads'] })).toMatchObject({
      field: 'sources',
    });
  });

  test('into another database takes the one source that is one', async () => {
    const { id } = await harness.services.restores.create(actor, {
      backupId: done,
      target: { kind: 'DATABASE', database: 'copy' },
    });
    await harness.until('restore', id, 'SUCCEEDED');
    const input = harness.engine.calls.findLast(({ operation }) => operation === 'restore')?.input;
    expect(input).toMatchObject({ target: { kind: 'database', name: 'copy' }, selection: { sources: ['orders'] } });
    const row = await harness.catalogue.prisma.restore.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({ type: 'DATABASE', sources: ['orders'], targetDatabase: 'copy' });
  });

  test('needs no configured sources for a directory, but for anything else', async () => {
    const id = await harness.backup();
    await harness.until('backup', id, 'SUCCEEDED');
    const { workloadId } = await harness.catalogue.prisma.backup.findUniqueOrThrow({ where: { id } });
    const source = await harness.catalogue.prisma.source.findFirstOrThrow({ where: { workloadId, name: 'uploads' } });
    await harness.services.sources.delete(actor, source.id);
    expect(await create({ backupId: id })).toMatchObject({ code: 'INPUT_INVALID', field: 'target' });
    expect(await create({ backupId: id, paths: ['/files'] })).toMatchObject({ field: 'target' });
    const target = { kind: 'DIRECTORY', path: '/allowed/here' } as const;
    const restore = await harness.services.restores.create(actor, { backupId: id, target, conflictPolicy: 'SKIP' });
    await harness.until('restore', restore.id, 'SUCCEEDED');
    const input = harness.engine.calls.findLast(({ operation }) => operation === 'restore')?.input;
    expect(input).toMatchObject({
      sources: [],
      target: { kind: 'directory', path: '/allowed/here' },
      policy: 'SKIP',
      selection: {},
    });
  });

  test('is previewed without a trace', async () => {
    const before = await harness.catalogue.prisma.restore.count();
    const preview = await harness.services.previews.restore({ backupId: done, sources: ['uploads'] });
    expect(preview.counts).toEqual({ ADD: 3, CHANGE: 0, KEEP: 0, DROP: 0, CONFLICT: 0, NOTE: 0 });
    expect(await harness.catalogue.prisma.restore.count()).toBe(before);
    expect(await refusal(harness.services.previews.restore({ backupId: done, sources: ['x'] }))).toMatchObject({
      field: 'sources',
    });
  });
});

describe('looking inside', () => {
  test('pages through folders and reads files', async () => {
    const { browse } = harness.services;
    const first = await browse.list({ backupId: done, path: '/files/uploads', limit: 1 });
    expect(first).toMatchObject({ entries: [{ name: 'a.txt' }], hasMore: true });
    const rest = await browse.list({ backupId: done, path: '/files/uploads', after: 'a.txt' });
    expect(rest).toMatchObject({ entries: [{ name: 'b.txt' }, { name: 'deep' }], hasMore: false });
    expect(await browse.stat(done, '/files/uploads/a.txt')).toMatchObject({ kind: 'file', size: 11 });
    const chunks: Uint8Array[] = [];
    for await (const chunk of browse.read(done, '/files/uploads/deep/c.bin')) chunks.push(chunk);
    expect(Buffer.concat(chunks)).toEqual(Buffer.alloc(300_000, 7));
  });

  test('says what is wrong', async () => {
    const { browse } = harness.services;
    expect(await refusal(browse.list({ backupId: done, path: 'files' }))).toMatchObject({
      code: 'INPUT_INVALID',
      field: 'path',
    });
    expect(await refusal(browse.list({ backupId: done, limit: 2_000 }))).toMatchObject({ field: 'limit' });
    expect(await refusal(browse.list({ backupId: done, path: '/nowhere' }))).toMatchObject({
      code: 'SNAPSHOT_PATH_NOT_FOUND',
    });
    const held = harness.engine.hold('backup');
    const id = await harness.backup();
    await held.started;
    expect(await refusal(browse.stat(id, '/files'))).toMatchObject({ code: 'STATE_CONFLICT' });
    held.release();
  });
});

test('plugins are listed with the schema of their configuration', () => {
  expect(harness.services.plugins.list('source').map(({ name, content }) => [name, content])).toEqual([
    ['database', 'DATABASE'],
    ['files', 'FILES'],
    ['settings', 'CONFIGURATION'],
  ]);
  const [bucket] = harness.services.plugins.list('storage');
  expect(bucket?.configurationSchema).toMatchObject({
    properties: { credentials: { properties: { token: { writeOnly: true } } } },
  });
});
