/** The command line against the real service over HTTP, from nothing to a restore. */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { StrongroomError } from '../../src/errors.ts';
import { startTestService } from '../server/support/service.ts';
import type { TestService } from '../server/support/service.ts';
import { runCli } from './support/run-cli.ts';
import type { CliOptions } from './support/run-cli.ts';

let service: TestService;
let uploads: string;

const run = (argv: string, options: CliOptions = {}) =>
  runCli(argv.split(' '), { url: service.url, token: service.token, now: () => new Date(), ...options });

async function ok(argv: string, options: CliOptions = {}): Promise<string> {
  const { code, stdout, stderr } = await run(argv, options);
  expect({ argv, code, stderr: code === 0 ? '' : stderr }).toEqual({ argv, code: 0, stderr: '' });
  return stdout;
}

beforeAll(async () => {
  service = await startTestService();
  uploads = join(service.root, 'uploads');
  await mkdir(uploads);
  await writeFile(join(uploads, 'a.txt'), 'hello');
  await ok('workload create shop --label team=sales');
  await ok(`source add uploads --plugin directory --set path=${uploads} --set exclude=*.tmp`);
  await ok(`repository create vault --set path=${join(service.root, 'vault')} --passphrase-env PASS`, {
    variables: { PASS: 'correct horse' },
  });
});
afterAll(async () => {
  await service[Symbol.asyncDispose]();
});

test('what was made can be seen, and no secret in it or in the log', async () => {
  expect(await ok('workload show shop')).toContain('uploads  files    directory');
  expect(await ok('source list')).toContain(`path=${uploads}  exclude=["*.tmp"]`);
  const seen = (await ok('repository show vault')) + (await ok('repository list --json')) + service.logged.join('');
  expect(seen).toContain('aes-256-gcm');
  expect(seen).not.toContain('correct horse');
  expect(await ok('plugin show directory')).toContain('exclude');
  expect(await ok('event list')).toContain('workload');
  expect(await ok('token list')).toContain('admin');
});

test('a backup is made, watched, listed, looked into, verified and restored', async () => {
  const made = await run('backup create --name nightly --retention 30d --label k=v');
  expect(made.code).toBe(0);
  expect(made.stderr).toContain('Backing up shop into vault: nightly');
  expect(made.stderr).toContain('succeeded');
  expect(made.stdout).toContain('Labels       k=v');
  expect(await ok('backup list --workload shop --status succeeded')).toContain('nightly');
  const [path] = service.engine.files.keys();
  const bytes = service.engine.files.get(path ?? '') ?? new Uint8Array();
  expect(await ok(`backup ls nightly -R`)).toContain(path);
  expect(await ok(`backup cat nightly ${path}`)).toBe(Buffer.from(bytes).toString('utf8'));
  expect(await ok('backup verify --id nightly')).toContain('Sound      yes');
  expect(await ok(`backup restore --id nightly --preview --to ${join(service.root, 'back')}`)).toContain('to add');
  expect(await ok(`backup restore nightly --to ${join(service.root, 'back')}`)).toContain('succeeded');
  expect(await ok('restore list --backup nightly')).toContain('directory');
  expect(await ok('backup update nightly --pin --note kept')).toContain('pinned, never expires');
});

test('Ctrl-C cancels a backup that runs', async () => {
  const held = service.engine.hold('backup');
  let press: () => void = () => undefined;
  const running = run('backup create --name stopped', {
    onStart: (interrupt) => {
      press = interrupt;
    },
  });
  await held.started;
  press();
  const { code, stdout, stderr } = await running;
  expect(stderr).toContain('Cancelling the backup.');
  expect(code).toBe(130);
  expect(stdout).toContain('cancelled');
});

test('a backup that fails says why, and has exit code 1', async () => {
  service.engine.failNext(
    'backup',
    new StrongroomError('STORAGE_DENIED', { operation: 'writing', reason: 'read-only' }),
  );
  const { code, stdout } = await run('backup create --name broken');
  expect(code).toBe(1);
  expect(stdout).toContain('error: The storage refuses writing: read-only [STORAGE_DENIED]');
  expect(await ok('backup list --status failed')).toContain('broken');
});

test('what goes wrong has its exit code', async () => {
  expect(await run('backup show no-such-backup')).toMatchObject({ code: 4 });
  expect(await run('workload create shop')).toMatchObject({ code: 5 });
  expect(await run('source add bad.name --plugin directory --set path=/')).toMatchObject({ code: 2 });
  expect(await run('backup restore nightly --to /outside/of/all/roots')).toMatchObject({ code: 6 });
  expect(await run('backup list', { token: 'srt_wrong' })).toMatchObject({ code: 6 });
  const refused = await run('--json backup list', { token: 'srt_wrong' });
  expect(JSON.parse(refused.stderr)).toMatchObject({
    error: {
      code: 'TOKEN_REFUSED',
      help: expect.stringContaining('"strongroom token create NAME" works on the machine'),
    },
  });
  const misspelt = await run('backup create --workload shpo');
  expect(misspelt.code).toBe(4);
  expect(misspelt.stderr).toContain('Did you mean shop? See what there is with: strongroom workload list');
  const forgotten = await run('repository create other --passphrase-env PASS', {
    variables: { PASS: 'correct horse' },
  });
  expect(forgotten).toMatchObject({ code: 2 });
  expect(forgotten.stderr).toContain('error: --set path=… is needed [USAGE]');
});

test('tokens made on the command line give access until they are revoked', async () => {
  const token = (await ok('token create laptop --expires 1d')).trim();
  expect(await ok('workload list', { token })).toContain('shop');
  await ok('token revoke laptop --yes');
  expect(await run('workload list', { token })).toMatchObject({ code: 6 });
});
