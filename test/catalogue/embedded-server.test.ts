import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type EmbeddedServer, findEmbeddedServer, startEmbeddedServer } from '../../src/catalogue/embedded-server.ts';
import { makeTempDir, type TempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

let data: TempDir;
const log: string[] = [];

beforeAll(async () => {
  data = await makeTempDir('embedded');
});
afterAll(async () => {
  await data[Symbol.asyncDispose]();
});

const start = (): Promise<EmbeddedServer> =>
  startEmbeddedServer({ dataDirectory: data.path, log: (line) => log.push(line) });

async function query<Row extends pg.QueryResultRow>(url: string, text: string): Promise<Row[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => 'the query rejects too');
  try {
    await client.connect();
    return (await client.query<Row>(text)).rows;
  } finally {
    await client.end();
  }
}

const notePath = (): string => data.join('catalogue', 'cluster', 'postmaster.pid');
const serverPid = async (): Promise<number> => Number((await readFile(notePath(), 'utf8')).split('\n')[0]);

interface Service {
  readonly child: ChildProcess;
  readonly url: string;
  /** What it says from now on, until it ends. */
  rest(): Promise<unknown[]>;
}

async function startService(mode = 'wait'): Promise<Service> {
  const script = fileURLToPath(new URL('support/service.ts', import.meta.url));
  const child = spawn(process.execPath, [script, data.path, mode], {
    stdio: ['ignore', 'pipe', 'ignore'],
    detached: true,
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const { url } = JSON.parse(String((await lines.next()).value)) as { url: string };
  const rest = async (): Promise<unknown[]> => {
    const said: unknown[] = [];
    for (let line = await lines.next(); line.done !== true; line = await lines.next())
      said.push(JSON.parse(line.value));
    return said;
  };
  return { child, url, rest };
}

describe('the embedded server', () => {
  test('is made, started and stopped with the service, and keeps its data and its port', async () => {
    let url: string;
    {
      await using server = await start();
      ({ url } = server);
      await query(url, 'CREATE TABLE kept (id int); INSERT INTO kept VALUES (1)');
      expect(await query(url, 'SHOW server_encoding')).toEqual([{ server_encoding: 'UTF8' }]);
      expect(await query(url, 'SHOW listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
      expect((await stat(data.join('catalogue', 'password'))).mode & 0o777).toBe(0o600);
    }
    await expect(stat(notePath())).rejects.toMatchObject({ code: 'ENOENT' });
    await using again = await start();
    expect(again.url).toBe(url);
    expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
  });

  test('asks for its password', async () => {
    await using server = await start();
    const without = new URL(server.url);
    without.password = 'wrong';
    await expect(query(without.href, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('refuses a second service, and a worker finds the first', async () => {
    {
      await using server = await start();
      await expect(start()).rejects.toMatchObject({
        code: 'CATALOGUE_IN_USE',
        message: expect.stringContaining(`process ${process.pid}`),
      });
      const url = await findEmbeddedServer(data.path);
      expect(url).toBe(server.url);
      expect(await query(url, 'SELECT id FROM kept')).toEqual([{ id: 1 }]);
    }
    await expect(findEmbeddedServer(data.path)).rejects.toMatchObject({ code: 'CATALOGUE_NOT_RUNNING' });
    await using empty = await makeTempDir();
    await expect(findEmbeddedServer(empty.path)).rejects.toMatchObject({ code: 'CATALOGUE_NOT_RUNNING' });
  });

  test('refuses a second service in another process, and outlives the Ctrl-C of a terminal until the service ends', async () => {
    const service = await startService();
    await expect(start()).rejects.toMatchObject({
      code: 'CATALOGUE_IN_USE',
      message: expect.stringContaining(`process ${service.child.pid}`),
    });
    const exit = once(service.child, 'exit');
    process.kill(-(service.child.pid ?? 0), 'SIGINT');
    expect(await service.rest()).toEqual([{ answeredAfterInterrupt: true }]);
    expect(await exit).toEqual([0, null]);
    await expect(stat(notePath())).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is taken over when the service was killed', async () => {
    const service = await startService();
    await query(service.url, 'INSERT INTO kept VALUES (2)');
    const orphan = await serverPid();
    const exit = once(service.child, 'exit');
    service.child.kill('SIGKILL');
    await exit;
    expect(await query(service.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    await using server = await start();
    expect(await serverPid()).not.toBe(orphan);
    expect(log.join('\n')).toContain('service before was killed');
    expect(server.url).toBe(service.url);
    expect(await query(server.url, 'SELECT id FROM kept ORDER BY id')).toEqual([{ id: 1 }, { id: 2 }]);
  });

  test('stops by itself when the service ends by an error', async () => {
    const service = await startService('crash');
    expect(await service.rest()).toEqual([]);
    const isGone = () =>
      stat(notePath()).then(
        () => false,
        () => true,
      );
    await waitFor(isGone, { message: 'the server to stop' });
    await using server = await start();
    expect(server.url).toBe(service.url);
  });

  test('starts although the note of a dead server names a process that lives', async () => {
    for (const pid of [String(process.pid), '1', '4194000', '']) {
      await writeFile(notePath(), `${pid}\n${data.join('catalogue', 'cluster')}\n1\n1\n\n127.0.0.1\n`, { mode: 0o600 });
      await using server = await start();
      expect(await query(server.url, 'SELECT count(*)::int AS rows FROM kept')).toEqual([{ rows: 2 }]);
    }
  });

  test('is started again when it dies', async () => {
    await using server = await start();
    const died = await serverPid();
    process.kill(died, 'SIGKILL');
    const rows = await waitFor(() => query(server.url, 'SELECT count(*)::int AS rows FROM kept'), {
      message: 'the server to answer again',
    });
    expect(rows).toEqual([{ rows: 2 }]);
    expect(await serverPid()).not.toBe(died);
    expect(log.join('\n')).toContain('ended unexpectedly');
  });

  test('takes another port when its own is taken, and keeps that', async () => {
    const port = Number((await readFile(data.join('catalogue', 'port'), 'utf8')).trim());
    const other = createServer();
    const listening = once(other, 'listening');
    other.listen(port, '127.0.0.1');
    await listening;
    let moved: string;
    {
      await using server = await start();
      moved = server.url;
      expect(Number(new URL(moved).port)).not.toBe(port);
      expect(await findEmbeddedServer(data.path)).toBe(moved);
    }
    other.close();
    await using again = await start();
    expect(again.url).toBe(moved);
  });

  test('says what is wrong with a data directory that can not be used', async () => {
    const file = data.join('a-file');
    await writeFile(file, '');
    await expect(startEmbeddedServer({ dataDirectory: `${file}/below`, log: () => undefined })).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining(`${file}/below`),
    });
  });

  test('says what is wrong when the password is lost or the cluster is of another version, and changes nothing', async () => {
    const passwordPath = data.join('catalogue', 'password');
    const password = await readFile(passwordPath, 'utf8');
    await rm(passwordPath);
    await expect(start()).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining(passwordPath),
    });
    await writeFile(passwordPath, password, { mode: 0o600 });

    const versionPath = data.join('catalogue', 'cluster', 'PG_VERSION');
    const version = await readFile(versionPath, 'utf8');
    await writeFile(versionPath, '9\n');
    await expect(start()).rejects.toMatchObject({
      code: 'CONFIGURATION_INVALID',
      message: expect.stringContaining('made by PostgreSQL 9'),
    });
    await writeFile(versionPath, version);
    await using server = await start();
    expect(await query(server.url, 'SELECT count(*)::int AS rows FROM kept')).toEqual([{ rows: 2 }]);
  });

  test('says what the server said when it does not start', async () => {
    const configuration = data.join('catalogue', 'cluster', 'postgresql.conf');
    const before = await readFile(configuration, 'utf8');
    await writeFile(configuration, `${before}\nno_such_setting = 1\n`);
    await expect(start()).rejects.toMatchObject({
      code: 'CATALOGUE_UNAVAILABLE',
      message: expect.stringContaining('no_such_setting'),
    });
    await writeFile(configuration, before);
    await using server = await start();
    expect(await query(server.url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });
});
