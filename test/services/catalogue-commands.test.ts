import { randomUUID as unique } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StrongroomError } from '../../src/errors.ts';
import { actor, type Harness, passphrase, password, refusal, startHarness, token } from './support/harness.ts';

let harness: Harness;
beforeAll(async () => {
  harness = await startHarness();
});
afterAll(() => harness[Symbol.asyncDispose]());

const eventsOf = (id: string) =>
  harness.catalogue.prisma.event.findMany({ where: { subjectId: id }, orderBy: { sequence: 'asc' } });

describe('workloads', () => {
  test('are created, changed and deleted, each time with an event', async () => {
    const name = unique();
    const { id } = await harness.services.workloads.create(actor, {
      name,
      labels: [{ key: 'team', value: 'archive' }],
    });
    await harness.services.workloads.update(actor, { id, description: 'The archive' });
    expect(await harness.catalogue.prisma.workload.findUniqueOrThrow({ where: { id } })).toMatchObject({
      name,
      description: 'The archive',
      labels: [{ key: 'team', value: 'archive' }],
    });
    await harness.services.workloads.delete(actor, id);
    expect(await eventsOf(id)).toMatchObject([
      { type: 'workload.created', actor: 'token:tester', subjectType: 'Workload', data: { after: { name } } },
      { type: 'workload.updated', data: { before: { description: '' }, after: { description: 'The archive' } } },
      { type: 'workload.deleted', data: { before: { name } } },
    ]);
  });

  test('say which field is wrong', async () => {
    const create = (input: object) => refusal(harness.services.workloads.create(actor, { name: unique(), ...input }));
    expect(await create({ name: '  ' })).toMatchObject({ code: 'INPUT_INVALID', field: 'name' });
    expect(await create({ name: 'two\nlines' })).toMatchObject({ field: 'name' });
    expect(await create({ labels: [{ key: '', value: 'x' }] })).toMatchObject({ field: 'labels.0.key' });
    const twice = [
      { key: 'a', value: '1' },
      { key: 'a', value: '2' },
    ];
    expect(await create({ labels: twice })).toMatchObject({ field: 'labels' });
  });

  test('have names of their own, and stay while backups of them exist', async () => {
    const { workloadId } = await harness.prepare();
    const { name } = await harness.catalogue.prisma.workload.findUniqueOrThrow({ where: { id: workloadId } });
    expect(await refusal(harness.services.workloads.create(actor, { name }))).toMatchObject({
      code: 'NAME_TAKEN',
      name,
    });
    const id = await harness.backup();
    const backup = await harness.catalogue.prisma.backup.findUniqueOrThrow({ where: { id } });
    expect(await refusal(harness.services.workloads.delete(actor, backup.workloadId))).toMatchObject({
      code: 'STATE_CONFLICT',
    });
    expect(await refusal(harness.services.workloads.delete(actor, unique()))).toMatchObject({
      code: 'OBJECT_NOT_FOUND',
    });
  });
});

describe('sources', () => {
  test('keep a secret that a change leaves out, drop one that is null, and open it for the engine alone', async () => {
    const { workloadId } = await harness.prepare();
    const source = await harness.catalogue.prisma.source.findFirstOrThrow({ where: { workloadId, name: 'orders' } });
    expect(source.configuration).toEqual({ place: '/srv/orders' });
    expect(harness.services.secretNames({ of: 'source', id: source.id, sealed: source.sealedSecrets })).toEqual([
      'password',
    ]);

    await harness.services.sources.update(actor, { id: source.id, configuration: { place: '/srv/elsewhere' } });
    await harness.services.sources.test(source.id);
    expect(harness.engine.calls.at(-1)).toMatchObject({
      operation: 'checkSource',
      input: { source: { name: 'orders', content: 'DATABASE', configuration: { place: '/srv/elsewhere', password } } },
    });
    await harness.services.sources.update(actor, {
      id: source.id,
      configuration: { place: '/srv/elsewhere', password: null },
    });
    await harness.services.sources.discover(source.id);
    expect(harness.engine.calls.at(-1)).toMatchObject({
      input: { source: { configuration: { place: '/srv/elsewhere' } } },
    });
    const changed = await harness.catalogue.prisma.source.findUniqueOrThrow({ where: { id: source.id } });
    expect(changed.sealedSecrets).toBeNull();
  });

  test('say which field of their configuration is wrong', async () => {
    const { workloadId } = await harness.prepare();
    const input = { workloadId, name: 'more', plugin: 'files', configuration: { place: '/srv' } };
    const create = (change: object) => refusal(harness.services.sources.create(actor, { ...input, ...change }));
    expect(await create({ configuration: { place: 7 } })).toMatchObject({
      code: 'INPUT_INVALID',
      field: 'configuration.place',
    });
    expect(await create({ configuration: 'no' })).toMatchObject({ field: 'configuration' });
    expect(await create({ plugin: 'unknown' })).toMatchObject({ code: 'PLUGIN_UNKNOWN' });
    expect(await create({ name: '../up' })).toMatchObject({ field: 'name' });
    expect(await create({ name: 'uploads' })).toMatchObject({ code: 'NAME_TAKEN' });
    expect(await create({ workloadId: unique() })).toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  });

  test('that cannot be reached say so', async () => {
    const { workloadId } = await harness.prepare();
    const { id } = await harness.catalogue.prisma.source.findFirstOrThrow({ where: { workloadId } });
    harness.engine.failNext('checkSource', new StrongroomError('SOURCE_UNAVAILABLE', { reason: 'a test' }));
    expect(await refusal(harness.services.sources.test(id))).toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await harness.services.sources.delete(actor, id);
    expect(await refusal(harness.services.sources.test(id))).toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  });
});

describe('repositories', () => {
  const storage = (address: string) => ({
    plugin: 'bucket',
    configuration: { address, credentials: { user: 'me', token } },
  });

  test('are made, attached elsewhere, tested, renamed and forgotten', async () => {
    const name = unique();
    const { id } = await harness.services.repositories.create(actor, { name, storage: storage(name), passphrase });
    const row = await harness.catalogue.prisma.repository.findUniqueOrThrow({ where: { id } });
    expect(row).toMatchObject({
      storageConfiguration: { address: name, credentials: { user: 'me' } },
      compressorPlugin: 'zstd',
      encryptorPlugin: 'aes-256-gcm',
      keySlots: [{ slot: 'slot-1', kind: 'passphrase' }],
      snapshots: 0n,
    });
    expect(harness.services.secretNames({ of: 'repository', id, sealed: row.sealedStorageSecrets })).toEqual([
      'credentials.token',
    ]);
    await harness.services.repositories.test(id);
    await harness.services.repositories.update(actor, { id, name: `${name} new` });
    expect(await harness.services.repositories.usage(id)).toEqual({
      snapshots: 0,
      storedBytes: 4096,
      freeBytes: 1_000_000_000,
    });

    const again = { name: `${name} again`, storage: storage(name), passphrase };
    expect(await refusal(harness.services.repositories.create(actor, again))).toMatchObject({
      code: 'REPOSITORY_EXISTS',
    });
    expect(await refusal(harness.services.repositories.attach(actor, again))).toMatchObject({
      code: 'REPOSITORY_ATTACHED',
      name: `${name} new`,
    });
    await harness.services.repositories.delete(actor, { id });
    const wrong = { ...again, passphrase: 'wrong' };
    expect(await refusal(harness.services.repositories.attach(actor, wrong))).toMatchObject({
      code: 'REPOSITORY_KEY_WRONG',
    });
    const attached = await harness.services.repositories.attach(actor, again);
    expect(await harness.catalogue.prisma.repository.findUniqueOrThrow({ where: { id: attached.id } })).toMatchObject({
      repositoryId: row.repositoryId,
    });
  });

  test('do not look again for their usage at once, nor twice at a time', async () => {
    const { repositoryId } = await harness.prepare();
    const looks = () => harness.engine.calls.filter(({ operation }) => operation === 'checkRepository').length;
    const before = looks();
    await Promise.all([1, 2, 3].map(() => harness.services.repositories.usage(repositoryId)));
    expect(looks()).toBe(before + 1);
  });

  test('say which field is wrong', async () => {
    const create = (change: object) =>
      refusal(
        harness.services.repositories.create(actor, {
          name: unique(),
          storage: storage(unique()),
          passphrase,
          ...change,
        }),
      );
    expect(await create({ storage: { plugin: 'bucket', configuration: { address: 'x' } } })).toMatchObject({
      field: 'storage.configuration.credentials',
    });
    expect(await create({ compressor: { plugin: 'squash' } })).toMatchObject({ code: 'PLUGIN_UNKNOWN' });
    expect(await create({ keyFile: new Uint8Array(32) })).toMatchObject({ field: 'keyFile' });
    expect(await create({ passphrase: undefined, keyFile: new Uint8Array(31) })).toMatchObject({ field: 'keyFile' });
  });

  test('get and lose keys, never the one they are opened with', async () => {
    const { repositoryId } = await harness.prepare();
    const keyFile = new Uint8Array(32).fill(3);
    const { slot } = await harness.services.repositories.addKey(actor, { repositoryId, keyFile });
    expect(slot).toMatchObject({ slot: 'slot-2', kind: 'keyFile' });
    const own = harness.services.repositories.removeKey(actor, { repositoryId, slot: 'slot-1' });
    expect(await refusal(own)).toMatchObject({ code: 'STATE_CONFLICT' });
    await harness.services.repositories.removeKey(actor, { repositoryId, slot: 'slot-2' });
    const last = harness.services.repositories.removeKey(actor, { repositoryId, slot: 'slot-1' });
    expect(await refusal(last)).toMatchObject({ code: 'REPOSITORY_KEY_LAST' });
    expect(await refusal(harness.services.repositories.addKey(actor, { repositoryId }))).toMatchObject({
      field: 'passphrase',
    });
    const row = await harness.catalogue.prisma.repository.findUniqueOrThrow({ where: { id: repositoryId } });
    expect(row.keySlots).toMatchObject([{ slot: 'slot-1' }]);
  });

  test('stay while backups point to them, unless forced, and while a run uses them', async () => {
    const id = await harness.backup();
    const { repositoryId } = await harness.catalogue.prisma.backup.findUniqueOrThrow({ where: { id } });
    const forget = (force: boolean) => harness.services.repositories.delete(actor, { id: repositoryId, force });
    expect(await refusal(forget(true))).toMatchObject({ code: 'STATE_CONFLICT' });
    await harness.services.backups.cancel(actor, id);
    expect(await refusal(forget(false))).toMatchObject({ code: 'STATE_CONFLICT' });
    await forget(true);
    expect(await harness.catalogue.prisma.backup.findUnique({ where: { id } })).toBeNull();
  });
});

test('no secret is in any row, event or log line', async () => {
  await using _worker = await harness.work();
  const id = await harness.backup();
  await harness.until('backup', id, 'SUCCEEDED');
  const { prisma } = harness.catalogue;
  const rows = [
    await prisma.source.findMany(),
    await prisma.repository.findMany(),
    await prisma.backup.findMany(),
    await prisma.event.findMany(),
    await prisma.$queryRaw`SELECT * FROM pgboss.job`,
  ];
  const bytes = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('latin1');
    return typeof value === 'bigint' ? value.toString() : value;
  };
  const everything = JSON.stringify(rows, (_key, value: unknown) => bytes(value)) + harness.lines.join('\n');
  expect(everything).toContain('/srv/uploads');
  for (const secret of [passphrase, token, password]) expect(everything).not.toContain(secret);
});
