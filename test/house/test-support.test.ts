import { access, stat, writeFile } from 'node:fs/promises';
import pg from 'pg';
import { describe, expect, it } from 'vitest';
import { startPostgres } from '../support/postgres-server.ts';
import { makeTempDir } from '../support/temp-dir.ts';
import { waitFor } from '../support/wait-for.ts';

describe('startPostgres', () => {
  it('serves databases, and leaves nothing when disposed', async () => {
    const server = await startPostgres({ application_name: 'house' });
    const url = await server.createDatabase('a "quoted" name');
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    const { rows } = await client.query('SELECT current_database() AS name');
    await client.end();
    expect(rows).toEqual([{ name: 'a "quoted" name' }]);
    await server[Symbol.asyncDispose]();
    const late = new pg.Client({ connectionString: url });
    await expect(late.connect()).rejects.toThrow();
  });

  it('refuses a wrong parameter with the words of the server', async () => {
    await expect(startPostgres({ no_such_parameter: '1' })).rejects.toThrow(/no_such_parameter/);
  });
});

describe('makeTempDir', () => {
  it('is private and goes with its content', async () => {
    const directory = await makeTempDir();
    await writeFile(directory.join('file'), '');
    expect((await stat(directory.path)).mode & 0o777).toBe(0o700);
    await directory[Symbol.asyncDispose]();
    await expect(access(directory.path)).rejects.toThrow(/ENOENT/);
  });
});

describe('waitFor', () => {
  it('gives the first value that is there', async () => {
    const values = [undefined, null, false, 'there'];
    expect(await waitFor(() => values.shift(), { message: 'a value', intervalMs: 1 })).toBe('there');
  });

  it('says what it waited for and why it failed', async () => {
    const failing = waitFor(() => Promise.reject(new Error('not yet')), { message: 'Godot', timeoutMs: 20 });
    await expect(failing).rejects.toThrow(/Godot: not yet/);
  });
});
