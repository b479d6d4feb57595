import { symlink } from 'node:fs/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { treeFacts, makeTexts } from './support/files.ts';
import { directorySource, failureOf, makeRepository, makeWorkload, mutate } from './support/calls.ts';
import { runBackup } from './support/runs.ts';
import { type Scene, startScene } from './support/scene.ts';

const stack = new AsyncDisposableStack();
let scene: Scene;
let ids: { workloadId: string; repositoryId: string; backupId: string };

beforeAll(async () => {
  scene = stack.use(await startScene());
  const { api, place } = scene;
  await makeTexts(place.join('texts'), 3);
  await symlink('/etc', place.join('way-out'));
  const workloadId = await makeWorkload(api, 'texts', [directorySource('uploads', place.join('texts'))]);
  const repositoryId = await makeRepository(api, place.join('repository'));
  const { id: backupId } = await runBackup(api, { workloadId, repositoryId });
  ids = { workloadId, repositoryId, backupId };
}, 120_000);
afterAll(() => stack.disposeAsync());

const invalid = (field: string) => ({ __typename: 'InvalidInputError', code: 'INPUT_INVALID', field });

describe('a restore is refused', () => {
  test.each([
    ['a path with ..', { paths: ['/files/uploads/../../etc'] }, 'paths'],
    ['a path that does not start at the root', { paths: ['files/uploads'] }, 'paths'],
    ['a path in no source', { paths: ['/files/other/x'] }, 'paths'],
    ['an unknown source', { sources: ['nobody'] }, 'sources'],
    ['a target that is no absolute path', { target: { kind: 'DIRECTORY', path: 'out' } }, 'target.path'],
    ['a directory without a path', { target: { kind: 'DIRECTORY' } }, 'target.path'],
    ['a path in place', { target: { kind: 'IN_PLACE', path: '/tmp/x' } }, 'target.path'],
    ['a database for files', { target: { kind: 'DATABASE', database: 'x' } }, 'sources'],
  ])('for %s, and the field is named', async (_what, more, field) => {
    const before = await treeFacts(scene.place.join('texts'));
    for (const name of ['restoreBackup', 'previewRestore']) {
      const failure = await failureOf(scene.api, name, { backupId: ids.backupId, ...more });
      expect(failure, name).toMatchObject({ __typename: 'InvalidInputError', code: 'INPUT_INVALID' });
      expect(failure.field, name).toMatch(new RegExp(`^${field}(\\.\\d+)?$`));
      expect(failure.message).not.toMatch(/\n|undefined/);
    }
    expect(await treeFacts(scene.place.join('texts'))).toEqual(before);
  });

  test.each([
    ['outside the roots', '/etc/strongroom-was-here'],
    ['outside the roots by ..', 'ROOT/../strongroom-was-here'],
    ['outside the roots by a link', 'ROOT/way-out/strongroom-was-here'],
  ])('for a target %s', async (_what, path) => {
    const target = { kind: 'DIRECTORY', path: path.replace('ROOT', scene.place.path) };
    const failure = await failureOf(scene.api, 'restoreBackup', { backupId: ids.backupId, target });
    expect(['PATH_NOT_ALLOWED', 'INPUT_INVALID']).toContain(failure.code);
  });
});

describe('a backup is refused', () => {
  test.each([
    ['a negative retention', { retentionDays: -1 }, 'retentionDays'],
    ['an unknown source', { sources: ['nobody'] }, 'sources'],
    ['a name of two lines', { name: 'one\ntwo' }, 'name'],
    [
      'a label twice',
      {
        labels: [
          { key: 'a', value: '1' },
          { key: 'a', value: '2' },
        ],
      },
      'labels',
    ],
    ['an empty pattern', { includeTables: [''] }, 'includeTables.0'],
    ['an id that is none', { workloadId: 'none at all' }, 'workloadId'],
  ])('for %s, and the field is named', async (_what, more, field) => {
    const { workloadId, repositoryId } = ids;
    const failure = await failureOf(scene.api, 'createBackup', { workloadId, repositoryId, ...more });
    expect(failure).toMatchObject(invalid(field));
  });

  test('for an id of another type, and for one that leads nowhere', async () => {
    const { workloadId, repositoryId, backupId } = ids;
    const swapped = await failureOf(scene.api, 'createBackup', { workloadId: repositoryId, repositoryId });
    expect(swapped).toMatchObject(invalid('workloadId'));
    await mutate(
      scene.api,
      'deleteBackup',
      { id: (await runBackup(scene.api, { workloadId, repositoryId })).id },
      'Deleted',
      'deletedId',
    );
    expect(await failureOf(scene.api, 'verifyBackup', { id: `${backupId.slice(0, -4)}AAAA` })).toMatchObject({
      __typename: expect.stringMatching(/NotFoundError|InvalidInputError/),
    });
  });
});

describe('a place outside the roots is refused', () => {
  test.each([
    ['/etc/strongroom-repository', 'by an absolute path'],
    ['ROOT/../repository', 'by ..'],
    ['ROOT/way-out/repository', 'by a link'],
  ])('for a repository at %s', async (path) => {
    const configuration = { path: path.replace('ROOT', scene.place.path) };
    const storage = { plugin: 'filesystem', configuration };
    const failure = await failureOf(scene.api, 'createRepository', { name: path, storage, passphrase: 'long enough' });
    expect(failure).toMatchObject({ code: 'PATH_NOT_ALLOWED', __typename: 'AccessDeniedError' });
    expect(failure.message).toContain(path.includes('way-out') ? 'repository' : configuration.path.slice(-10));
  });

  test('for a source, at the latest when it is read', async () => {
    const { api } = scene;
    const source = { name: 'shadow', plugin: 'directory', configuration: { path: '/etc' } };
    const answer = await api.answer<{ createSource: { __typename: string; id?: string; code?: string } }>(
      `mutation ($input: CreateSourceInput!) {
        createSource(input: $input) { __typename ... on Source { id } ... on Error { code } }
      }`,
      { input: { workloadId: await makeWorkload(api, 'outside', []), ...source } },
    );
    const { id, code } = answer.createSource;
    const found = id === undefined ? code : (await failureOf(api, 'testSource', { id })).code;
    expect(found).toBe('PATH_NOT_ALLOWED');
  });
});

test('what is no input at all is a typed answer too, and names what is wrong', async () => {
  const { errors } = await scene.api.raw('mutation { createBackup(input: { type: EVERYTHING }) { __typename } }');
  expect(errors?.map(({ message }) => message).join(' ')).toMatch(/workloadId|EVERYTHING/);
  const unknown = await failureOf(scene.api, 'createSource', {
    workloadId: ids.workloadId,
    name: 'x',
    plugin: 'directory',
    configuration: { path: 5 },
  });
  expect(unknown).toMatchObject(invalid('configuration.path'));
});
