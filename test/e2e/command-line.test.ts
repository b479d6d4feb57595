import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { waitFor } from '../support/wait-for.ts';
import { closeGate, gatedStorage } from './support/calls.ts';
import { makeNoise, makeTexts, MIB, treeFacts } from './support/files.ts';
import { isReading, untilState } from './support/runs.ts';
import { type Scene, startScene } from './support/scene.ts';

const MAIN = fileURLToPath(new URL('../../bin/strongroom.js', import.meta.url));
const stack = new AsyncDisposableStack();
let scene: Scene;

beforeAll(async () => {
  scene = stack.use(await startScene({ STRONGROOM_PLUGINS: gatedStorage }));
}, 120_000);
afterAll(() => stack.disposeAsync());

/** Runs a command as a script would; `words` are parted by spaces. */
async function strongroom(words: string, environment: Record<string, string> = {}) {
  const { PATH = '' } = process.env;
  const { exitCode, stdout, stderr } = await execa(process.execPath, [MAIN, ...words.split(' ')], {
    env: { PATH, STRONGROOM_URL: scene.service.url, STRONGROOM_TOKEN: scene.service.token, ...environment },
    extendEnv: false,
    stdin: 'ignore',
    reject: false,
  });
  return { exitCode, stdout, stderr, json: <T>() => JSON.parse(stdout) as T };
}

async function backupNamed(name: string): Promise<{ id: string } | undefined> {
  const { backups } = await scene.api.ask<{ backups: { nodes: { id: string }[] } }>(
    'query ($name: String!) { backups(filter: { text: $name }) { nodes { id } } }',
    { name },
  );
  return backups.nodes[0];
}

/** Runs a command that must work. */
async function works(words: string) {
  const result = await strongroom(words);
  expect(result, words).toMatchObject({ exitCode: 0 });
  return result;
}

test('a backup from the first command to the restore', async () => {
  const { place } = scene;
  await makeTexts(place.join('texts'), 5);
  await writeFile(place.join('passphrase'), 'from a file\n', { mode: 0o600 });
  await works(
    `repository create vault --set path=${place.join('vault')} --passphrase-file ${place.join('passphrase')}`,
  );
  await works('workload create shop');
  await works(`source add uploads --plugin directory --set path=${place.join('texts')}`);
  await works('source test uploads');

  const created = (await works('backup create --json')).json<{ id: string; status: string }>();
  expect(created).toMatchObject({ status: 'SUCCEEDED', id: expect.any(String) });
  const listed = (await works('backup list --json')).json<{ id: string }[] | { nodes: { id: string }[] }>();
  expect(JSON.stringify(listed)).toContain(created.id);
  expect((await works('backup show latest')).stdout).toContain('uploads');
  await works('backup verify latest');
  expect((await works('backup ls latest /files/uploads')).stdout).toContain('text-3.txt');
  expect((await works('backup cat latest /files/uploads/text-3.txt')).stdout).toBe('text 3');
  // In place everything is in the way.
  expect(await strongroom('backup restore latest --preview')).toMatchObject({ exitCode: 5 });
  await works(`backup restore latest --to ${place.join('restored')}`);
  expect(await treeFacts(place.join('restored/files/uploads'))).toEqual(await treeFacts(place.join('texts')));
  expect((await works('restore list --json')).stdout).toContain('SUCCEEDED');
}, 120_000);

test('exit codes tell what happened', async () => {
  const { place } = scene;
  const missing = await strongroom('backup show no-such-backup');
  expect(missing).toMatchObject({ exitCode: 4, stdout: '' });
  expect(missing.stderr).not.toMatch(/\n {4}at /);
  expect(await strongroom('backup create --retention soon')).toMatchObject({ exitCode: 2 });
  expect(await strongroom('backup cancel latest')).toMatchObject({ exitCode: 5 });
  expect(await strongroom('backup list', { STRONGROOM_TOKEN: 'srt_wrong' })).toMatchObject({ exitCode: 6 });
  expect(await strongroom('backup list', { STRONGROOM_URL: 'http://127.0.0.1:9' })).toMatchObject({ exitCode: 7 });

  await execa('mkfifo', [place.join('texts/pipe')]);
  expect(await strongroom('backup create')).toMatchObject({ exitCode: 3 });
  await rm(place.join('texts/pipe'));

  const [shard = ''] = await readdir(place.join('vault/packs'));
  for (const name of await readdir(place.join('vault/packs', shard))) {
    const pack = place.join('vault/packs', shard, name);
    const bytes = await readFile(pack);
    await writeFile(pack, bytes.fill(0, 0, Math.floor(bytes.length / 2)));
  }
  const damaged = await strongroom('backup verify latest');
  expect(damaged.exitCode).toBe(1);
  expect(damaged.stdout + damaged.stderr).toContain('packs/');
}, 120_000);

test('a backup that runs is cancelled by another command, and the one that watches it ends with 130', async () => {
  const { place, api } = scene;
  await mkdir(place.join('large'));
  await makeNoise(place.join('large'), 12, 4 * MIB);
  const path = place.join('gated');
  await works(
    `repository create slow --storage gated --set path=${path} --passphrase-file ${place.join('passphrase')}`,
  );
  await works('workload create large');
  await works(`source add files --workload large --plugin directory --set path=${place.join('large')}`);
  await using _gate = await closeGate(path, 'put 2');
  const watching = strongroom('backup create --workload large --repository slow --name doomed');
  const { id } = await waitFor(() => backupNamed('doomed'), { message: 'the backup', timeoutMs: 30_000 });
  await untilState(api, 'backup', id, isReading);
  await works('backup cancel doomed');
  expect((await watching).exitCode).toBe(130);
}, 120_000);
