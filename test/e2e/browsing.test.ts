import { readdir } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { directorySource, failureOf, makeRepository, makeWorkload, mutate, passphrase } from './support/calls.ts';
import { makeTexts } from './support/files.ts';
import { runBackup, runRestore, verify } from './support/runs.ts';
import { type Scene, startScene } from './support/scene.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;
let workloadId: string;

beforeAll(async () => {
  scene = stack.use(await startScene());
  await makeTexts(scene.place.join('texts'), 12);
  workloadId = await makeWorkload(scene.api, 'texts', [directorySource('uploads', scene.place.join('texts'))]);
}, 120_000);
afterAll(() => stack.disposeAsync());

async function backedUp(name: string) {
  const path = scene.place.join(name);
  const repositoryId = await makeRepository(scene.api, path);
  const { id } = await runBackup(scene.api, { workloadId, repositoryId });
  return { id, path, repositoryId };
}

describe('inside of a backup', () => {
  test('folders are listed page by page, entries described, and a file fetched without a header', async () => {
    const { id } = await backedUp('browsed');
    const { backup } = await scene.api.ask<{
      backup: {
        tree: { nodes: { name: string }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
        entry: object;
        downloadUrl: { url: string };
      };
    }>(
      `query ($id: ID!) { backup(id: $id) {
        tree(path: "/files/uploads", first: 10) { nodes { name } pageInfo { endCursor hasNextPage } }
        entry(path: "/files/uploads/text-5.txt") { name kind size path linkTarget }
        downloadUrl(path: "/files/uploads/text-5.txt") { url expiresAt }
      } }`,
      { id },
    );
    expect(backup.tree.pageInfo.hasNextPage).toBe(true);
    expect(backup.entry).toEqual({
      name: 'text-5.txt',
      kind: 'FILE',
      size: '7',
      path: '/files/uploads/text-5.txt',
      linkTarget: null,
    });
    const rest = await scene.api.ask<{ backup: { tree: { nodes: { name: string }[] } } }>(
      `query ($id: ID!, $after: String) { backup(id: $id) {
        tree(path: "/files/uploads", after: $after) { nodes { name } }
      } }`,
      { id, after: backup.tree.pageInfo.endCursor },
    );
    const names = [...backup.tree.nodes, ...rest.backup.tree.nodes].map(({ name }) => name);
    expect(names.toSorted()).toEqual((await readdir(scene.place.join('texts'))).toSorted());

    const response = await fetch(backup.downloadUrl.url);
    expect([response.status, await response.text()]).toEqual([200, 'text 5\n']);
    const { url } = backup.downloadUrl;
    expect((await fetch(`${url.slice(0, -3)}${url.endsWith('AAA') ? 'BBB' : 'AAA'}`)).ok).toBe(false);
  });

  test('a path that leads nowhere is said to', async () => {
    const { id } = await backedUp('nowhere');
    const { errors } = await scene.api.raw(
      'query ($id: ID!) { backup(id: $id) { tree(path: "/files/none") { nodes { name } } } }',
      { id },
    );
    expect(errors?.[0]?.message).toContain('/files/none');
  });
});

test('a backup that is deleted is gone, and those beside it stay whole', async () => {
  const { id, repositoryId } = await backedUp('deleting');
  const other = await runBackup(scene.api, { workloadId, repositoryId });
  expect(await mutate(scene.api, 'deleteBackup', { id }, 'Deleted', 'deletedId')).toMatchObject({ deletedId: id });
  expect(await scene.api.ask('query ($id: ID!) { backup(id: $id) { id } }', { id })).toEqual({ backup: null });
  expect(await failureOf(scene.api, 'verifyBackup', { id })).toMatchObject({ code: 'OBJECT_NOT_FOUND' });
  expect(await verify(scene.api, other.id)).toMatchObject({ sound: true });
});

describe('the keys of a repository', () => {
  test('can be added and removed; each opens it, a wrong one does not', async () => {
    const { api } = scene;
    const { path, repositoryId, id: backupId } = await backedUp('keys');
    const keyFile = Buffer.alloc(48, 7).toString('base64');
    const slots = 'id keySlots { slot kind }';
    const { keySlots } = await mutate<{ keySlots: { slot: string; kind: string }[] }>(
      api,
      'addRepositoryKey',
      { repositoryId, keyFile },
      'Repository',
      slots,
    );
    expect(keySlots.map(({ kind }) => kind).toSorted()).toEqual(['KEY_FILE', 'PASSPHRASE']);
    expect(await mutate(api, 'deleteBackup', { id: backupId }, 'Deleted', 'deletedId')).toBeDefined();
    await mutate(api, 'deleteRepository', { id: repositoryId }, 'Deleted', 'deletedId');

    const storage = { plugin: 'filesystem', configuration: { path } };
    const wrong = await failureOf(api, 'attachRepository', { name: 'again', storage, passphrase: 'not this one' });
    expect(wrong).toMatchObject({ __typename: 'AccessDeniedError', code: 'REPOSITORY_KEY_WRONG' });
    expect(wrong.message).not.toContain('not this one');
    const attached = await mutate<{ id: string; keySlots: { slot: string; kind: string }[] }>(
      api,
      'attachRepository',
      { name: 'again', storage, keyFile },
      'Repository',
      slots,
    );

    const slot = attached.keySlots.find(({ kind }) => kind === 'PASSPHRASE')?.slot ?? '';
    const own = attached.keySlots.find(({ kind }) => kind === 'KEY_FILE')?.slot ?? '';
    await mutate(api, 'removeRepositoryKey', { repositoryId: attached.id, slot }, 'Repository');
    expect(await failureOf(api, 'removeRepositoryKey', { repositoryId: attached.id, slot: own })).toMatchObject({
      __typename: 'ConflictError',
    });
    const { id } = await runBackup(api, { workloadId, repositoryId: attached.id });
    const target = { kind: 'DIRECTORY', path: scene.place.join('out') };
    expect(await runRestore(api, { backupId: id, target })).toMatchObject({ status: 'SUCCEEDED' });
    await mutate(api, 'deleteRepository', { id: attached.id, force: true }, 'Deleted', 'deletedId');
    expect(await failureOf(api, 'attachRepository', { name: 'third', storage, passphrase })).toMatchObject({
      code: 'REPOSITORY_KEY_WRONG',
    });
  });
});
