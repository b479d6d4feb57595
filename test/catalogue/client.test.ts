import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { applyMigrations } from '../../prisma/migrate.ts';
import { openCatalogue } from '../../src/catalogue/client.ts';
import type { Catalogue } from '../../src/catalogue/client.ts';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { waitFor } from '../support/wait-for.ts';

let server: PostgresServer;
let catalogue: Catalogue;

beforeAll(async () => {
  server = await startPostgres();
  await applyMigrations(server.url, () => undefined);
  catalogue = openCatalogue(server.url);
});
afterAll(async () => {
  await catalogue[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

const makeWorkload = () =>
  catalogue.prisma.workload.create({
    data: {
      name: randomUUID(),
      sources: { create: { name: 'uploads', plugin: 'directory', content: 'FILES', configuration: { path: '/srv' } } },
    },
  });

const makeRepository = () =>
  catalogue.prisma.repository.create({
    data: {
      name: randomUUID(),
      storagePlugin: 'filesystem',
      compressorPlugin: 'zstd',
      encryptorPlugin: 'aes-256-gcm',
      repositoryId: randomUUID().replaceAll('-', ''),
      formatVersion: 1,
      sealedKey: Uint8Array.of(1, 2, 3),
    },
  });

async function makeBackup(more: { parentId?: string; labels?: { key: string; value: string }[] } = {}) {
  const [workload, repository] = await Promise.all([makeWorkload(), makeRepository()]);
  return catalogue.prisma.backup.create({
    data: {
      ...more,
      workloadId: workload.id,
      repositoryId: repository.id,
      type: 'FULL',
      name: 'nightly',
      compression: 'zstd',
      encryption: 'aes-256-gcm',
      initiatedBy: 'token:test',
      logicalBytes: 9_007_199_254_740_993n,
    },
  });
}

describe('the catalogue', () => {
  test('keeps bytes beyond 2^53, binary values and times to the millisecond', async () => {
    const { id } = await makeBackup();
    const startedAt = new Date('2026-05-01T12:00:00.123Z');
    await catalogue.prisma.backup.update({ where: { id }, data: { startedAt } });
    const found = await catalogue.prisma.backup.findUniqueOrThrow({ where: { id }, include: { repository: true } });
    expect(found.logicalBytes).toBe(9_007_199_254_740_993n);
    expect(found.startedAt).toEqual(startedAt);
    expect(found.repository.sealedKey).toEqual(Uint8Array.of(1, 2, 3));
    expect(found).toMatchObject({ status: 'QUEUED', warnings: [], labels: [], attempts: 0, pinned: false });
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });

  test('finds by label, and the index can serve it', async () => {
    const { id } = await makeBackup({
      labels: [
        { key: 'stage', value: 'live' },
        { key: 'team', value: 'red' },
      ],
    });
    await makeBackup({ labels: [{ key: 'stage', value: 'test' }] });
    const found = await catalogue.prisma.backup.findMany({
      where: { labels: { array_contains: [{ key: 'stage', value: 'live' }] } },
    });
    expect(found.map((backup) => backup.id)).toEqual([id]);
    const plan = await catalogue.prisma.$transaction(async (transaction) => {
      await transaction.$executeRaw`SET LOCAL enable_seqscan = off`;
      return transaction.$queryRaw`
        EXPLAIN (FORMAT JSON) SELECT id FROM backup WHERE labels @> '[{"key":"stage","value":"live"}]'::jsonb`;
    });
    expect(JSON.stringify(plan)).toContain('backup_labels_idx');
  });

  test('keeps workloads and repositories that backups point to', async () => {
    const { workloadId, repositoryId } = await makeBackup();
    await expect(catalogue.prisma.workload.delete({ where: { id: workloadId } })).rejects.toMatchObject({
      code: 'P2003',
    });
    await expect(catalogue.prisma.repository.delete({ where: { id: repositoryId } })).rejects.toMatchObject({
      code: 'P2003',
    });
  });

  test('forgets the sources of a workload with it', async () => {
    const { id } = await makeWorkload();
    await catalogue.prisma.workload.delete({ where: { id } });
    expect(await catalogue.prisma.source.count({ where: { workloadId: id } })).toBe(0);
  });

  test('forgets restores and verifications of a backup with it, and keeps its children', async () => {
    const parent = await makeBackup();
    const child = await makeBackup({ parentId: parent.id });
    const common = { backupId: parent.id, initiatedBy: 'token:test' };
    await catalogue.prisma.restore.create({ data: { ...common, type: 'EVERYTHING', targetKind: 'IN_PLACE' } });
    await catalogue.prisma.verification.create({ data: common });
    await catalogue.prisma.backup.delete({ where: { id: parent.id } });
    expect(await catalogue.prisma.restore.count({ where: { backupId: parent.id } })).toBe(0);
    expect(await catalogue.prisma.verification.count({ where: { backupId: parent.id } })).toBe(0);
    expect(await catalogue.prisma.backup.findUnique({ where: { id: child.id } })).toMatchObject({ parentId: null });
  });

  test('outlives the loss of its idle connections', async () => {
    const lost: Error[] = [];
    await using own = openCatalogue(server.url, { onConnectionLost: (error) => lost.push(error) });
    const [session] = await own.prisma.$queryRaw<{ pid: number }[]>`SELECT pg_backend_pid() AS pid`;
    await catalogue.prisma.$queryRaw`SELECT pg_terminate_backend(${session?.pid}::int)`;
    await waitFor(() => lost.length > 0, { message: 'the loss to be noticed' });
    expect(await own.prisma.workload.count()).toBeGreaterThanOrEqual(0);
  });
});
