/** The entry point of the container: secrets that come as files. */
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { expect, it } from 'vitest';
import { makeTempDir } from '../support/temp-dir.ts';

const entrypoint = join(import.meta.dirname, '..', '..', 'docker', 'entrypoint.sh');

/** Runs the entry point with a `node` that prints what the service would get instead of starting it. */
async function start(files: Readonly<Record<string, string>>, variables: Readonly<Record<string, string>>) {
  await using directory = await makeTempDir('entrypoint');
  for (const [name, content] of Object.entries(files)) await writeFile(directory.join(name), content);
  await mkdir(directory.join('bin'));
  const node = directory.join('bin/node');
  const print = '[process.env.DATABASE_URL, process.env.STRONGROOM_SECRET_KEY, ...process.argv.slice(1)].join(" ")';
  await writeFile(
    node,
    `#!/bin/sh\n[ "$1" = -e ] && exec '${process.execPath}' "$@"\nexec '${process.execPath}' -p '${print}' -- "$@"\n`,
  );
  await chmod(node, 0o755);
  const { exitCode, stdout, stderr } = await execa(entrypoint, ['serve', '--flag'], {
    cwd: directory.path,
    env: { PATH: `${directory.join('bin')}:/usr/bin:/bin`, ...variables },
    extendEnv: false,
    reject: false,
  });
  return { exitCode, stdout, stderr };
}

it('makes the address of the database from a password file, whatever the password holds', async () => {
  const { stdout } = await start(
    { password: 'p@ss/w:rd %\n' },
    { DATABASE_PASSWORD_FILE: 'password', DATABASE_HOST: 'db' },
  );
  expect(stdout).toBe(
    'postgresql://strongroom:p%40ss%2Fw%3Ard%20%25@db/strongroom  /app/bin/strongroom.js serve --flag',
  );
});

it('reads the instance key and a whole address from files', async () => {
  const { stdout } = await start(
    { key: 'abc\n', url: 'postgresql://u:p@h/d\n' },
    { STRONGROOM_SECRET_KEY_FILE: 'key', DATABASE_URL_FILE: 'url' },
  );
  expect(stdout).toBe('postgresql://u:p@h/d abc /app/bin/strongroom.js serve --flag');
});

it('names a secret file that is not there, and does not start', async () => {
  const { exitCode, stdout, stderr } = await start({}, { DATABASE_PASSWORD_FILE: 'password' });
  expect(exitCode).toBe(1);
  expect(stdout).toBe('');
  expect(stderr).toContain("The secret file password can't be read");
});
