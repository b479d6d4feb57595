/** What the machine may do to the embedded server: root, private homes, install scripts that did not run. */
import { chmod, cp, mkdir, readdir, readFile, readlink, rm, stat } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { dirname, join } from 'node:path';
import { execa } from 'execa';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { packagedPrograms } from '../../src/catalogue/embedded/programs.ts';
import {
  type EmbeddedServer,
  type EmbeddedServerOptions,
  startEmbeddedServer,
} from '../../src/catalogue/embedded-server.ts';
import { loadInstanceKey } from '../../src/catalogue/instance-key.ts';
import { makeTempDir } from '../support/temp-dir.ts';

const start = (dataDirectory: string, more: Partial<EmbeddedServerOptions> = {}): Promise<EmbeddedServer> =>
  startEmbeddedServer({ dataDirectory, log: () => undefined, ...more });

async function answers(server: EmbeddedServer): Promise<boolean> {
  const client = new pg.Client({ connectionString: server.url });
  await client.connect();
  try {
    return (await client.query('SELECT 1')).rowCount === 1;
  } finally {
    await client.end();
  }
}

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

/** A package of the programs as npm unpacks it, without what its install script adds. */
async function clonePrograms(into: string): Promise<{ native: string; version: string }> {
  const origin = packagedPrograms();
  await mkdir(into, { recursive: true });
  await cp(join(dirname(origin), 'package.json'), join(into, 'package.json'));
  const native = join(into, 'native');
  await cp(origin, native, { recursive: true, verbatimSymlinks: true });
  const lib = join(native, 'lib');
  const links = (await readdir(lib, { withFileTypes: true })).filter((entry) => entry.isSymbolicLink());
  expect(links.length).toBeGreaterThan(0);
  for (const { name } of links) await rm(join(lib, name));
  const { version } = JSON.parse(await readFile(join(into, 'package.json'), 'utf8')) as { version: string };
  return { native, version };
}

// Copying PostgreSQL's programs takes its time on a busy disk.
const timeout = 120_000;

describe('the embedded server on this machine', { timeout }, () => {
  test('mends the library links that an install script should have made, keeping them links', async () => {
    await using directory = await makeTempDir('programs');
    await chmod(directory.path, 0o755);
    const { native } = await clonePrograms(directory.join('package'));
    await using server = await start(directory.join('data'), { programs: native });
    expect(await answers(server)).toBe(true);
    expect(await readlink(join(native, 'lib', 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/);
    expect(await readdir(directory.join('data'))).toEqual(['catalogue']);
  });

  test('says so when the programs do not run here', async () => {
    await using directory = await makeTempDir('programs');
    await chmod(directory.path, 0o755);
    const { native } = await clonePrograms(directory.join('package'));
    await rm(join(native, 'bin', 'postgres'));
    await expect(start(directory.join('data'), { programs: native })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('DATABASE_URL'),
    });
  });
});

function asRoot(): void {
  test('runs as another user than root, who reaches the cluster and nothing else of the data directory', async () => {
    await using directory = await makeTempDir('data');
    await loadInstanceKey({ secretKey: undefined, dataDirectory: directory.path });
    await using server = await start(directory.path);
    expect(await answers(server)).toBe(true);
    expect((await stat(directory.join('catalogue', 'cluster'))).uid).not.toBe(0);
    expect(await modeOf(directory.join('catalogue', 'cluster'))).toBe(0o700);
    for (const path of [directory.path, directory.join('catalogue')]) {
      expect((await stat(path)).uid).toBe(0);
      expect(await modeOf(path)).toBe(0o711);
    }
    for (const name of ['instance.key', 'catalogue/password', 'catalogue/server.log', 'catalogue/service.lock']) {
      expect(await modeOf(directory.join(name))).toBe(0o600);
    }
  });

  test('copies the programs once when they lie in a private home, links and all', async () => {
    await using home = await makeTempDir('private-home');
    await using data = await makeTempDir('data');
    const { native, version } = await clonePrograms(home.join('clone', 'node_modules', 'package'));
    expect(await modeOf(home.path)).toBe(0o700);
    const copy = data.join(`postgresql-${version}`);
    {
      await using server = await start(data.path, { programs: native });
      expect(await answers(server)).toBe(true);
    }
    expect(await modeOf(home.path)).toBe(0o700);
    expect(await readlink(join(copy, 'lib', 'libpq.so.5'))).toMatch(/^libpq\.so\.5\.\d+$/);
    const { ino } = await stat(copy);
    await using again = await start(data.path, { programs: native });
    expect(await answers(again)).toBe(true);
    expect((await stat(copy)).ino).toBe(ino);
    expect((await readdir(data.path)).toSorted()).toEqual(['catalogue', `postgresql-${version}`]);
  });

  test('copies programs that a strict umask made unreadable for others', async () => {
    await using directory = await makeTempDir('programs');
    await using data = await makeTempDir('data');
    await chmod(directory.path, 0o755);
    const { native } = await clonePrograms(directory.join('package'));
    await execa('chmod', ['-R', 'go=', native]);
    await using server = await start(data.path, { programs: native });
    expect(await answers(server)).toBe(true);
  });

  test('names the directory that shuts its user out, and what to do', async () => {
    await using home = await makeTempDir('private-home');
    const dataDirectory = home.join('strongroom');
    const refused = start(dataDirectory);
    await expect(refused).rejects.toMatchObject({ code: 'CONFIGURATION_INVALID' });
    await expect(refused).rejects.toThrow(`chmod o+x ${home.path}"`);
    expect(await modeOf(home.path)).toBe(0o700);
    await chmod(home.path, 0o711);
    await using server = await start(dataDirectory);
    expect(await answers(server)).toBe(true);
  });

  test('makes a user for itself when the system has none, and keeps to the owner of the cluster', async () => {
    await using data = await makeTempDir('data');
    const name = `strongroom-t${process.pid}`;
    try {
      {
        await using server = await start(data.path, { accounts: [name] });
        expect(await answers(server)).toBe(true);
      }
      const { stdout } = await execa('id', ['-u', name]);
      expect((await stat(data.join('catalogue', 'cluster'))).uid).toBe(Number(stdout));
      await using again = await start(data.path);
      expect(await answers(again)).toBe(true);
    } finally {
      await execa('userdel', [name], { reject: false });
    }
  });

  test('says what to do when no user can be made', async () => {
    await using data = await makeTempDir('data');
    await expect(start(data.path, { accounts: ['not a:user'] })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('DATABASE_URL'),
    });
  });
}

function asOrdinaryUser(): void {
  test('runs as the user of the service, in a directory that nobody else may enter', async () => {
    await using directory = await makeTempDir('data');
    await using server = await start(directory.path);
    expect(await answers(server)).toBe(true);
    expect((await stat(directory.join('catalogue', 'cluster'))).uid).toBe(userInfo().uid);
    expect(await modeOf(directory.path)).toBe(0o700);
  });

  test("says so when the data directory is somebody else's", async () => {
    await using directory = await makeTempDir('data');
    await mkdir(directory.join('catalogue'), { mode: 0o500 });
    await expect(start(directory.path)).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining(directory.path),
    });
  });
}

const testsOfThisUser = userInfo().uid === 0 ? asRoot : asOrdinaryUser;

describe('the embedded server of this user', { timeout }, () => testsOfThisUser());
