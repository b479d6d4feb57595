import { readdir, readFile } from 'node:fs/promises';
import pg from 'pg';
import { describe, expect, test } from 'vitest';
import { startPostgres } from '../support/postgres-server.ts';
import { waitFor } from '../support/wait-for.ts';
import { closeGate, gated, gatedStorage, makeRepository, makeWorkload, mutate, passphrase } from './support/calls.ts';
import { endOfBackup, endOfRestore, startBackup, startRestore } from './support/runs.ts';
import { startScene } from './support/scene.ts';

const password = 'password-never-to-be-seen-4711';

/** The command lines of all processes of the machine. */
async function commandLines(): Promise<string[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const gone = (): string => '';
  return Promise.all(pids.map((pid) => readFile(`/proc/${pid}/cmdline`, 'utf8').catch(gone)));
}

/** Waits for that program of PostgreSQL, and answers all command lines and that program's environment. */
const whileRunning = (program: string) =>
  waitFor(
    async () => {
      const lines = await commandLines();
      return lines.some((line) => line.split('\0')[0]?.endsWith(program)) && lines.join('\n');
    },
    { message: program, timeoutMs: 60_000 },
  );

async function query(url: string, text: string): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(text);
  } finally {
    await client.end();
  }
}

// Command lines are read from /proc.
describe.runIf(process.platform === 'linux')('a passphrase, a password and a token', () => {
  test('are seen in no command line, log, event or answer', async () => {
    await using server = await startPostgres();
    const url = await server.createDatabase('ledger');
    await query(server.url, `CREATE ROLE keeper SUPERUSER LOGIN PASSWORD '${password}'`);
    await query(
      url,
      `CREATE TABLE entry AS SELECT n FROM generate_series(1, 1000) n;
       SELECT lo_from_bytea(0, decode((SELECT string_agg(md5((n * 100000 + i)::text), '') FROM generate_series(1, 60000) i), 'hex'))
         FROM generate_series(1, 60) n`,
    );
    await using scene = await startScene({ STRONGROOM_PLUGINS: gatedStorage, STRONGROOM_LANES: '1' });
    const { api, place, service } = scene;
    const path = place.join('repository');
    const repositoryId = await makeRepository(api, path, { ...gated(path), compressor: { plugin: 'none' } });
    const { host, port } = server;
    const configuration = { host, port, user: 'keeper', password, database: 'ledger' };
    const workloadId = await makeWorkload(api, 'ledger', [{ name: 'ledger', plugin: 'postgres', configuration }]);

    const answers: string[] = [];
    let seen: string;
    let backupId: string;
    {
      await using _gate = await closeGate(path, 'put 1-');
      backupId = await startBackup(api, { workloadId, repositoryId });
      seen = await whileRunning('pg_dump');
    }
    expect(await endOfBackup(api, backupId)).toMatchObject({ status: 'SUCCEEDED', error: null });
    {
      await using _gate = await closeGate(path, 'get 6-');
      const restore = await startRestore(api, { backupId, conflictPolicy: 'OVERWRITE' });
      seen += await whileRunning('pg_restore');
      await mutate(api, 'cancelRestore', { id: restore }, 'Restore');
      answers.push(JSON.stringify(await endOfRestore(api, restore)));
    }
    expect((await query(url, 'SELECT count(*)::int AS rows FROM entry')).rows).toEqual([{ rows: 1_000 }]);

    const wrong = { ...configuration, user: 'nobody' };
    const { id } = await mutate(
      api,
      'createSource',
      { workloadId, name: 'wrong', plugin: 'postgres', configuration: wrong },
      'Source',
    );
    answers.push(
      JSON.stringify([
        await api.raw('mutation ($id: ID!) { testSource(input: { id: $id }) { ... on Error { code message help } } }', {
          id,
        }),
        await api.raw(`{
          repositories { nodes { storage { configuration secretsSet } encryptor { configuration } keySlots { slot kind } } }
          workloads { nodes { sources { configuration secretsSet } } }
          tokens { nodes { name } }
          events(first: 200) { nodes { summary data actor type } }
          backups { nodes { error { message } warnings { message } } }
        }`),
      ]),
    );
    expect(answers.join('')).toContain('"secretsSet":["password"]');
    for (const text of [seen, service.log(), ...answers]) {
      for (const secret of [password, passphrase, service.token]) expect(text.includes(secret)).toBe(false);
    }
    expect(service.log().length).toBeGreaterThan(0);
  }, 120_000);
});
