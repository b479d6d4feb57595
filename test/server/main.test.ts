import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type PostgresServer, startPostgres } from '../support/postgres-server.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

const main = fileURLToPath(new URL('../../bin/strongroom.js', import.meta.url));

let postgres: PostgresServer;
let directory: TempDir;
beforeAll(async () => {
  [postgres, directory] = await Promise.all([startPostgres(), makeTempDir('main')]);
});
afterAll(async () => {
  await postgres?.[Symbol.asyncDispose]();
  await directory?.[Symbol.asyncDispose]();
});

interface Process {
  readonly child: ChildProcess;
  readonly output: () => { readonly stdout: string; readonly stderr: string };
  readonly ended: Promise<number | null>;
}

function start(word: string, environment: Record<string, string>): Process {
  const child = spawn(process.execPath, [main, word], {
    env: {
      HOME: directory.path,
      STRONGROOM_DATA_DIR: directory.join('data'),
      STRONGROOM_PORT: '0',
      ...environment,
    },
  });
  const text = { stdout: '', stderr: '' };
  child.stdout.on('data', (chunk: Buffer) => (text.stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (text.stderr += chunk.toString()));
  const ended = once(child, 'close').then(([code]: unknown[]) => (typeof code === 'number' ? code : null));
  return { child, output: () => text, ended };
}

const ready = ({ output }: Process, pattern: RegExp): Promise<RegExpExecArray> =>
  waitFor(() => pattern.exec(output().stdout), {
    message: `${pattern.source} in ${JSON.stringify(output())}`,
    timeoutMs: 60_000,
  });

describe('strongroom serve', () => {
  test('says where it listens and how to sign in, shows the first token once, and stops on a signal', async () => {
    const environment = { DATABASE_URL: await postgres.createDatabase('served') };
    const first = start('serve', environment);
    const [, url = ''] = await ready(first, /API and GraphiQL {2}(\S+)\/graphql[\s\S]*Ctrl-C/u);
    const token = /srt_[\w-]{43}/u.exec(first.output().stdout)?.[0] ?? '';
    const response = await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query: '{ viewer { name } }' }),
    });
    expect(await response.json()).toEqual({ data: { viewer: { name: 'admin' } } });
    first.child.kill('SIGTERM');
    expect(await first.ended).toBe(0);
    expect(first.output().stderr).not.toContain(token);

    const second = start('serve', environment);
    await ready(second, /Sign in with an access token[\s\S]*Ctrl-C/u);
    expect(second.output().stdout).not.toContain('srt_');
    second.child.kill('SIGINT');
    expect(await second.ended).toBe(0);
  }, 120_000);

  test.each([
    ['a wrong variable', { STRONGROOM_PORT: 'many' }, /STRONGROOM_PORT/u],
    [
      'a catalogue out of reach',
      { DATABASE_URL: 'postgresql://nobody:pw-not-shown@127.0.0.1:9/none' },
      /catalogue can't be reached/u,
    ],
  ])('explains %s without a stack, and exits with 1', async (_name, environment, words) => {
    const failed = start('serve', environment);
    expect(await failed.ended).toBe(1);
    const { stderr } = failed.output();
    expect(stderr).toMatch(words);
    expect(stderr).not.toMatch(/\n {4}at |pw-not-shown/u);
  });
});

test('strongroom worker works the jobs of that catalogue, and stops on a signal', async () => {
  const worker = start('worker', { DATABASE_URL: await postgres.createDatabase('worked') });
  await ready(worker, /worker is ready/u);
  worker.child.kill('SIGTERM');
  expect(await worker.ended).toBe(0);
});
