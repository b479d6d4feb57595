import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { StrongroomError } from '../../src/errors.ts';
import { mutate, type Result, startTestService, type TestService } from '../server/support/service.ts';
import { type Ground, makeBackup, makeGround, untilEnded } from '../server/support/workload.ts';

let service: TestService;
let ground: Ground;
beforeAll(async () => {
  service = await startTestService();
  ground = await makeGround(service, 'main');
});
afterAll(() => service?.[Symbol.asyncDispose]());

const nowhere = (type: string): string =>
  Buffer.from(`${type}:00000000-0000-7000-8000-000000000000`).toString('base64url');
const as =
  (type: string) =>
  (name: string, input: Record<string, unknown>, fields = 'id'): Promise<Result> =>
    mutate(service, name, input, type, fields);
const invalid = (field: string) => ({ __typename: 'InvalidInputError', code: 'INPUT_INVALID', field });

describe('workloads', () => {
  const run = as('Workload');
  test('create, update, delete', async () => {
    const labels = [{ key: 'stage', value: 'test' }];
    const made = await run(
      'createWorkload',
      { name: 'shop', description: 'A shop', labels },
      'id name description labels { key value }',
    );
    expect(made).toMatchObject({ name: 'shop', description: 'A shop', labels });
    const changed = await run(
      'updateWorkload',
      { id: made.id, name: 'shop 2', labels: [] },
      'name description labels { key }',
    );
    expect(changed).toMatchObject({ name: 'shop 2', description: 'A shop', labels: [] });
    expect(await as('Deleted')('deleteWorkload', { id: made.id }, 'deletedId')).toMatchObject({ deletedId: made.id });
    expect(await as('Deleted')('deleteWorkload', { id: made.id }, 'deletedId')).toMatchObject({
      __typename: 'NotFoundError',
    });
  });
  test('failures are typed', async () => {
    expect(await run('createWorkload', { name: '' })).toMatchObject(invalid('name'));
    expect(await run('createWorkload', { name: 'x'.repeat(200) })).toMatchObject(invalid('name'));
    expect(await run('createWorkload', { name: 'main' })).toMatchObject({
      __typename: 'ConflictError',
      code: 'NAME_TAKEN',
    });
    expect(await run('updateWorkload', { id: 'nonsense', name: 'x' })).toMatchObject(invalid('id'));
    expect(await run('updateWorkload', { id: ground.sourceId, name: 'x' })).toMatchObject(invalid('id'));
    expect(await run('updateWorkload', { id: nowhere('Workload'), name: 'x' })).toMatchObject({
      __typename: 'NotFoundError',
    });
  });
});

describe('sources', () => {
  const run = as('Source');
  test('create, update, test, discover, delete', async () => {
    const { workloadId } = ground;
    const configuration = { path: service.root };
    const made = await run(
      'createSource',
      { workloadId, name: 'more', plugin: 'directory', configuration },
      'id content configuration secretsSet workload { name }',
    );
    expect(made).toMatchObject({ content: 'FILES', configuration, secretsSet: [], workload: { name: 'main' } });
    expect(await run('updateSource', { id: made.id, name: 'renamed' }, 'name')).toMatchObject({ name: 'renamed' });
    expect(await run('testSource', { id: made.id })).toMatchObject({ __typename: 'Source', id: made.id });
    const found = await as('DiscoveredItems')('discoverSource', { id: made.id }, 'items { kind name bytes }');
    expect(found).toMatchObject({ items: [{ kind: 'DIRECTORY', name: 'uploads', bytes: '300023' }] });
    expect(await as('Deleted')('deleteSource', { id: made.id }, 'deletedId')).toMatchObject({ deletedId: made.id });
  });
  test('failures are typed', async () => {
    const { workloadId, sourceId } = ground;
    const source = { workloadId, name: 'x', plugin: 'directory', configuration: { path: service.root } };
    expect(await run('createSource', { ...source, name: 'Not Allowed' })).toMatchObject(invalid('name'));
    expect(await run('createSource', { ...source, name: 'uploads' })).toMatchObject({ __typename: 'ConflictError' });
    expect(await run('createSource', { ...source, plugin: 'none-such' })).toMatchObject({
      __typename: 'InvalidInputError',
      code: 'PLUGIN_UNKNOWN',
      field: 'plugin',
    });
    const wrong = await run('createSource', { ...source, configuration: { nonsense: true } });
    expect(wrong).toMatchObject({ __typename: 'InvalidInputError' });
    expect(wrong.field).toMatch(/^configuration/u);
    expect(await run('createSource', { ...source, workloadId: nowhere('Workload') })).toMatchObject({
      __typename: 'NotFoundError',
    });
    service.engine.failNext('checkSource', new StrongroomError('SOURCE_UNAVAILABLE', { reason: 'it is off' }));
    expect(await run('testSource', { id: sourceId })).toMatchObject({
      __typename: 'OperationFailedError',
      code: 'SOURCE_UNAVAILABLE',
    });
    service.engine.failNext('checkSource', new StrongroomError('SOURCE_DENIED', { subject: 'it', reason: 'no' }));
    expect(await run('testSource', { id: sourceId })).toMatchObject({ __typename: 'AccessDeniedError' });
  });
});

describe('repositories', () => {
  const run = as('Repository');
  const storage = (name: string) => ({ plugin: 'filesystem', configuration: { path: `${service.root}/${name}` } });
  test('create, update, test, keys, delete, attach', async () => {
    const made = await run(
      'createRepository',
      { name: 'second', storage: storage('second'), passphrase: 'a long passphrase', compressionLevel: 5 },
      'id name compressor { plugin } encryptor { plugin } compressionLevel keySlots { slot kind createdAt } usage { storedBytes }',
    );
    expect(made).toMatchObject({
      compressor: { plugin: 'zstd' },
      encryptor: { plugin: 'aes-256-gcm' },
      compressionLevel: 5,
      keySlots: [{ slot: 'slot-1', kind: 'PASSPHRASE' }],
      usage: { storedBytes: '4096' },
    });
    expect(await run('updateRepository', { id: made.id, name: 'renamed' }, 'name')).toMatchObject({ name: 'renamed' });
    expect(await run('testRepository', { id: made.id })).toMatchObject({ __typename: 'Repository' });
    const keyFile = Buffer.alloc(48, 3).toString('base64');
    const keyed = await run('addRepositoryKey', { repositoryId: made.id, keyFile }, 'keySlots { slot kind }');
    expect(keyed).toMatchObject({ keySlots: [{ kind: 'PASSPHRASE' }, { slot: 'slot-2', kind: 'KEY_FILE' }] });
    const removed = await run('removeRepositoryKey', { repositoryId: made.id, slot: 'slot-2' }, 'keySlots { slot }');
    expect(removed).toMatchObject({ keySlots: [{ slot: 'slot-1' }] });
    expect(await as('Deleted')('deleteRepository', { id: made.id }, 'deletedId')).toMatchObject({ deletedId: made.id });
    const attached = await run('attachRepository', {
      name: 'back',
      storage: storage('second'),
      passphrase: 'a long passphrase',
    });
    expect(attached.__typename).toBe('Repository');
  });
  test('failures are typed', async () => {
    const passphrase = 'a long passphrase';
    expect(await run('createRepository', { name: '', storage: storage('x'), passphrase })).toMatchObject(
      invalid('name'),
    );
    expect(
      await run('createRepository', { name: 'x', storage: storage('x'), passphrase, keyFile: 'AAAA' }),
    ).toMatchObject(invalid('keyFile'));
    expect(await run('createRepository', { name: 'x', storage: storage('x'), keyFile: 'not base64!' })).toMatchObject(
      invalid('keyFile'),
    );
    expect(await run('createRepository', { name: 'x', storage: storage('main'), passphrase })).toMatchObject({
      __typename: 'ConflictError',
      code: 'REPOSITORY_EXISTS',
    });
    expect(await run('attachRepository', { name: 'x', storage: storage('none'), passphrase })).toMatchObject({
      __typename: 'NotFoundError',
      code: 'REPOSITORY_MISSING',
    });
    expect(await run('attachRepository', { name: 'x', storage: storage('main'), passphrase })).toMatchObject({
      __typename: 'AccessDeniedError',
      code: 'REPOSITORY_KEY_WRONG',
    });
    service.engine.failNext(
      'checkRepository',
      new StrongroomError('REPOSITORY_DAMAGED', { object: 'x', offset: 1, reason: 'bit' }),
    );
    const damaged = await run('testRepository', { id: ground.repositoryId });
    expect(damaged).toMatchObject({ __typename: 'OperationFailedError', code: 'REPOSITORY_DAMAGED' });
    const last = await run('removeRepositoryKey', { repositoryId: ground.repositoryId, slot: 'slot-1' });
    expect(last.__typename).toBe('ConflictError');
  });
});

describe('backups', () => {
  const run = as('Backup');
  test('create, update, retry, delete', async () => {
    const { workloadId, repositoryId } = ground;
    const input = {
      workloadId,
      repositoryId,
      name: 'nightly',
      retentionDays: 30,
      notes: 'n',
      labels: [{ key: 'a', value: 'b' }],
    };
    const made = await run(
      'createBackup',
      input,
      'id status name type retentionDays initiatedBy progress { status phase finished }',
    );
    expect(made).toMatchObject({ name: 'nightly', type: 'FULL', retentionDays: 30, initiatedBy: 'token:admin' });
    expect(await untilEnded(service, 'backup', made.id)).toBe('SUCCEEDED');
    const changed = await run('updateBackup', { id: made.id, pinned: true, notes: 'kept' }, 'pinned notes name');
    expect(changed).toMatchObject({ pinned: true, notes: 'kept', name: 'nightly' });
    expect(await run('cancelBackup', { id: made.id })).toMatchObject({ __typename: 'ConflictError' });
    expect(await run('retryBackup', { id: made.id })).toMatchObject({ __typename: 'ConflictError' });
    expect(await as('Deleted')('deleteBackup', { id: made.id }, 'deletedId')).toMatchObject({ deletedId: made.id });
    expect(await service.ask('backup', 'query($id: ID!) { backup(id: $id) { id } }', { id: made.id })).toBeNull();
  });
  test('a failed one says why and can be tried again', async () => {
    const error = new StrongroomError('SOURCE_MISSING', { subject: '/gone' });
    service.engine.failNext('backup', error);
    const id = await makeBackup(service, ground);
    const failed = await service.ask(
      'backup',
      'query($id: ID!) { backup(id: $id) { status error { code message help } } }',
      { id },
    );
    expect(failed).toEqual({ status: 'FAILED', error: { code: error.code, message: error.message, help: error.help } });
    expect(await run('retryBackup', { id }, 'id')).toMatchObject({ id });
    expect(await untilEnded(service, 'backup', id)).toBe('SUCCEEDED');
  });
  test('failures are typed', async () => {
    const { workloadId, repositoryId } = ground;
    const input = { workloadId, repositoryId };
    expect(await run('createBackup', { ...input, retentionDays: -1 })).toMatchObject(invalid('retentionDays'));
    expect(await run('createBackup', { ...input, name: 'x'.repeat(300) })).toMatchObject(invalid('name'));
    expect(await run('createBackup', { ...input, workloadId: repositoryId })).toMatchObject(invalid('workloadId'));
    expect(await run('createBackup', { ...input, repositoryId: 'x' })).toMatchObject(invalid('repositoryId'));
    const unknown = await run('createBackup', { ...input, sources: ['none-such'] });
    expect(unknown.__typename).toBe('InvalidInputError');
    expect(unknown.field).toMatch(/^sources/u);
    expect(await run('createBackup', { ...input, repositoryId: nowhere('Repository') })).toMatchObject({
      __typename: 'NotFoundError',
    });
    expect(await as('Deleted')('deleteBackup', { id: nowhere('Backup') }, 'deletedId')).toMatchObject({
      __typename: 'NotFoundError',
    });
  });
});

describe('restores and verifications', () => {
  test('preview, restore, cancel', async () => {
    const backupId = await makeBackup(service, ground);
    const target = { kind: 'DIRECTORY', path: `${service.root}/restored` };
    const preview = await service.ask(
      'previewRestore',
      'query($input: RestoreInput!) { previewRestore(input: $input) { __typename ... on RestorePreview { added conflicts bytes items { action subject source bytes } } } }',
      { input: { backupId, target } },
    );
    expect(preview).toMatchObject({ __typename: 'RestorePreview', added: '3', conflicts: '0', bytes: '300023' });
    const made = await as('Restore')(
      'restoreBackup',
      { backupId, target, notes: 'try' },
      'id type target { kind path } conflictPolicy backup { id }',
    );
    expect(made).toMatchObject({ type: 'EVERYTHING', target, conflictPolicy: 'FAIL', backup: { id: backupId } });
    expect(await untilEnded(service, 'restore', made.id)).toBe('SUCCEEDED');
    expect(await as('Restore')('cancelRestore', { id: made.id })).toMatchObject({ __typename: 'ConflictError' });
    const log = await service.ask(
      'backup',
      'query($id: ID!) { backup(id: $id) { restores { totalCount nodes { filesRestored } } } }',
      { id: backupId },
    );
    expect(log).toEqual({ restores: { totalCount: 1, nodes: [{ filesRestored: '3' }] } });
  });
  test('failures are typed', async () => {
    const backupId = await makeBackup(service, ground);
    const run = as('Restore');
    expect(await run('restoreBackup', { backupId: 'x' })).toMatchObject(invalid('backupId'));
    expect(await run('restoreBackup', { backupId: nowhere('Backup') })).toMatchObject({ __typename: 'NotFoundError' });
    const relative = await run('restoreBackup', { backupId, target: { kind: 'DIRECTORY', path: 'relative' } });
    expect(['InvalidInputError', 'AccessDeniedError']).toContain(relative.__typename);
    const outside = await run('restoreBackup', { backupId, target: { kind: 'DIRECTORY', path: '/etc/strongroom' } });
    expect(outside).toMatchObject({ __typename: 'AccessDeniedError', code: 'PATH_NOT_ALLOWED' });
    expect((await run('restoreBackup', { backupId, target: { kind: 'DIRECTORY' } })).field).toMatch(/^target/u);
  });
  test('verify and cancel', async () => {
    const backupId = await makeBackup(service, ground);
    const run = as('Verification');
    const made = await run('verifyBackup', { id: backupId }, 'id level status backup { id }');
    expect(made).toMatchObject({ level: 'DATA', backup: { id: backupId } });
    expect(await untilEnded(service, 'verification', made.id)).toBe('SUCCEEDED');
    const backup = await service.ask(
      'backup',
      'query($id: ID!) { backup(id: $id) { verified verifiedLevel verifications { id sound objectsRead damage { object } } } }',
      { id: backupId },
    );
    expect(backup).toMatchObject({
      verified: true,
      verifiedLevel: 'DATA',
      verifications: [{ id: made.id, sound: true, objectsRead: '3', damage: [] }],
    });
    expect(await run('cancelVerification', { id: made.id })).toMatchObject({ __typename: 'ConflictError' });
    expect(await run('verifyBackup', { id: nowhere('Backup') })).toMatchObject({ __typename: 'NotFoundError' });
  });
});

describe('tokens', () => {
  test('failures are typed', async () => {
    const run = as('CreatedToken');
    expect(await run('createToken', { name: ' ' }, 'secret')).toMatchObject(invalid('name'));
    expect(await run('createToken', { name: 'x', expiresAt: '2001-01-01T00:00:00Z' }, 'secret')).toMatchObject(
      invalid('expiresAt'),
    );
    expect(await as('AccessToken')('revokeToken', { id: nowhere('AccessToken') })).toMatchObject({
      __typename: 'NotFoundError',
    });
  });
});
