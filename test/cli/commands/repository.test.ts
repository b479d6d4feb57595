import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { page, repository, workload } from '../support/objects.ts';
import { runCli } from '../support/run-cli.ts';
import type { CliOptions } from '../support/run-cli.ts';
import { createSchemaTransport } from '../support/schema-transport.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strongroom-cli-'));
  await writeFile(join(folder, 'passphrase'), 'correct horse\n');
  await writeFile(join(folder, 'key'), Buffer.alloc(32, 0xfe));
});
afterAll(() => rm(folder, { recursive: true }));

function repositories() {
  const inputs: unknown[] = [];
  const keep = ({ input }: { input: unknown }) => {
    inputs.push(input);
    return repository('vault');
  };
  const transport = createSchemaTransport({
    plugins: [
      {
        kind: 'STORAGE',
        name: 'filesystem',
        version: '1.0.0',
        description: 'A folder.',
        builtIn: true,
        content: null,
        configurationSchema: { properties: { path: { type: 'string' } }, required: ['path'] },
      },
    ],
    repository: ({ id, name }: { id?: string; name?: string }) =>
      name === 'vault' || id === 'R-vault' ? repository('vault') : null,
    repositories: page([repository('vault')]),
    createRepository: keep,
    attachRepository: keep,
    updateRepository: keep,
    testRepository: keep,
    addRepositoryKey: keep,
    removeRepositoryKey: keep,
    deleteRepository: ({ input }: { input: unknown }) => {
      inputs.push(input);
      return { __typename: 'Deleted', deletedId: 'R-vault' };
    },
  });
  return {
    inputs,
    run: (argv: string[], options: CliOptions = {}) => runCli(['repository', ...argv], { transport, ...options }),
  };
}

const create = ['create', 'vault', '--set', 'path=/backups'];

test('a repository is created with its codecs and a passphrase from a file', async () => {
  const { inputs, run } = repositories();
  const argv = [...create, '--compressor', 'zstd', '--compression-level', '9', '--encryptor', 'chacha20-poly1305'];
  const { code, stdout, stderr } = await run([...argv, '--passphrase-file', join(folder, 'passphrase')]);
  expect(code).toBe(0);
  expect(inputs).toEqual([
    {
      name: 'vault',
      storage: { plugin: 'filesystem', configuration: { path: '/backups' } },
      compressor: { plugin: 'zstd', configuration: {} },
      compressionLevel: 9,
      encryptor: { plugin: 'chacha20-poly1305', configuration: {} },
      passphrase: 'correct horse',
    },
  ]);
  expect(stdout).toContain('filesystem path=/backups');
  expect(stdout + stderr).not.toContain('correct horse');
});

test('a new passphrase is typed twice, unseen', async () => {
  const { inputs, run } = repositories();
  const agreeing = await run(create, { terminal: true, input: 'one secret\rone secret\r' });
  expect(agreeing.code).toBe(0);
  expect(inputs).toMatchObject([{ passphrase: 'one secret' }]);
  expect(agreeing.stderr).toContain('The same again: ');
  expect(agreeing.stdout + agreeing.stderr).not.toContain('one secret');
  const differing = await run(create, { terminal: true, input: 'one secret\ranother\r' });
  expect(differing.code).toBe(2);
  expect(differing.stderr).toContain('the two differ');
  expect(inputs).toHaveLength(1);
});

test('a passphrase is made on demand and shown once', async () => {
  const { inputs, run } = repositories();
  const text = await run([...create, '--generate-passphrase']);
  const [, shown] = /Passphrase: (\S+)/u.exec(text.stdout) ?? [];
  expect(shown).toMatch(/^([0-9a-hjkmnp-tv-z]{4}-){7}[0-9a-hjkmnp-tv-z]{4}$/u);
  const json: unknown = JSON.parse((await run([...create, '--generate-passphrase', '--json'])).stdout);
  expect(json).toMatchObject({ id: 'R-vault', passphrase: expect.any(String) });
  expect(inputs).toMatchObject([{ passphrase: shown }, { passphrase: expect.not.stringMatching(shown ?? '') }]);
});

test('a key file is sent as base64; an unencrypted repository needs none', async () => {
  const { inputs, run } = repositories();
  await run([...create, '--key-file', join(folder, 'key')]);
  await run([...create, '--no-encryption']);
  await run(['attach', 'vault', '--set', 'path=/b', '--passphrase-env', 'PASS'], { variables: { PASS: 'x y' } });
  expect(inputs).toMatchObject([
    { keyFile: Buffer.alloc(32, 0xfe).toString('base64') },
    { encryptor: { plugin: 'none' } },
    { name: 'vault', passphrase: 'x y' },
  ]);
  expect(inputs[1]).not.toHaveProperty('passphrase');
});

test('without a key, or with two, it is wrong usage', async () => {
  const { inputs, run } = repositories();
  const none = await run(create);
  expect(none.code).toBe(2);
  expect(none.stderr).toContain('--generate-passphrase');
  expect((await run([...create, '--generate-passphrase', '--key-file', 'x'])).code).toBe(2);
  expect(inputs).toEqual([]);
});

test('an answer cut short at the passphrase cancels', async () => {
  const { code } = await repositories().run(create, { terminal: true, input: '\u0004' });
  expect(code).toBe(130);
});

test('keys are listed, added and removed', async () => {
  const { inputs, run } = repositories();
  expect((await run(['key', 'list'])).stdout).toContain('0     passphrase  2026-03-01');
  expect((await run(['key', 'add', 'vault', '--generate-passphrase'])).stdout).toContain('Passphrase: ');
  expect((await run(['key', 'remove', 'vault', '--slot', '1', '--yes'])).stdout).toBe('Removed the key slot 1.\n');
  expect((await run(['key', 'remove', 'vault', '--slot', '1'])).code).toBe(2);
  expect(inputs).toMatchObject([
    { repositoryId: 'R-vault', passphrase: expect.any(String) },
    { repositoryId: 'R-vault', slot: '1' },
  ]);
});

test('repositories are listed, shown, renamed, tested and forgotten', async () => {
  const { inputs, run } = repositories();
  expect((await run(['list'])).stdout).toContain('vault  filesystem path=/backups  zstd         aes-256-gcm  R-vault');
  expect((await run(['show'])).stdout).toContain('2 snapshots in 1.00 MiB');
  expect((await run(['update', 'vault', '--name', 'other'])).code).toBe(0);
  expect((await run(['test', '--id', 'R-vault'])).stdout).toBe('vault can be opened and written.\n');
  expect((await run(['delete', 'vault', '--force', '--yes'])).code).toBe(0);
  expect(inputs).toEqual([{ id: 'R-vault', name: 'other' }, { id: 'R-vault' }, { id: 'R-vault', force: true }]);
});

test('workloads are made, listed, shown, changed and deleted', async () => {
  const inputs: unknown[] = [];
  const keep = ({ input }: { input: unknown }) => {
    inputs.push(input);
    return workload('shop');
  };
  const transport = createSchemaTransport({
    workload: workload('shop'),
    workloads: page([workload('shop')]),
    createWorkload: keep,
    updateWorkload: keep,
    deleteWorkload: { __typename: 'Deleted', deletedId: 'W-shop' },
  });
  const run = (...argv: string[]) => runCli(['workload', ...argv], { transport });
  expect((await run('create', 'shop', '--description', 'The web shop', '--label', 'team=sales')).stdout).toContain(
    'team=sales',
  );
  expect((await run('list')).stdout).toContain('shop  uploads  team=sales  W-shop');
  expect((await run('show', 'shop')).stdout).toContain('uploads  files    directory');
  expect((await run('update', 'shop', '--name', 'store')).code).toBe(0);
  expect((await run('update', 'shop')).code).toBe(2);
  expect((await run('delete', 'shop', '--yes')).stdout).toBe('Deleted shop.\n');
  expect(inputs).toEqual([
    { name: 'shop', description: 'The web shop', labels: [{ key: 'team', value: 'sales' }] },
    { id: 'W-shop', name: 'store' },
  ]);
});

const token = (id: string, name: string, revokedAt: string | null = null) => ({
  __typename: 'AccessToken',
  id,
  name,
  createdAt: '2026-03-01T10:00:00.000Z',
  expiresAt: null,
  lastUsedAt: null,
  revokedAt,
});

test('tokens are made, listed and revoked by name', async () => {
  const inputs: unknown[] = [];
  const transport = createSchemaTransport({
    tokens: page([
      token('T-1', 'laptop', '2026-03-01T11:00:00.000Z'),
      token('T-2', 'laptop'),
      token('T-3', 'ci'),
      token('T-4', 'ci'),
    ]),
    createToken: ({ input }: { input: unknown }) => {
      inputs.push(input);
      return { __typename: 'CreatedToken', token: token('T-5', 'desk'), secret: 'srt_secret' };
    },
    revokeToken: ({ input }: { input: { id: string } }) => {
      inputs.push(input);
      return token(input.id, 'laptop');
    },
  });
  const run = (...argv: string[]) => runCli(['token', ...argv], { transport });
  expect((await run('create', 'desk', '--expires', '90d')).stdout).toBe('srt_secret\n');
  expect((await run('list')).stdout).toContain('laptop  2026-03-01 10:00:00 UTC (2 hours ago)');
  expect((await run('revoke', 'laptop', '--yes')).code).toBe(0);
  expect((await run('revoke', 'ci', '--yes')).stderr).toContain('[NAME_AMBIGUOUS]');
  expect((await run('revoke', 'none', '--yes')).code).toBe(4);
  expect(inputs).toEqual([{ name: 'desk', expiresAt: '2026-05-30T12:00:00.000Z' }, { id: 'T-2' }]);
});

test('events are listed', async () => {
  const event = {
    id: 'E-1',
    type: 'backup.failed',
    severity: 'ERROR',
    summary: 'A backup failed\u001B[2J',
    actor: 'worker',
    subjectType: null,
    subjectId: null,
    data: {},
    occurredAt: '2026-03-01T10:00:00.000Z',
  };
  const transport = createSchemaTransport({ events: page([event]) });
  const { stdout } = await runCli(['event', 'list', '--severity', 'error', '--type', 'backup.failed'], { transport });
  expect(stdout).toContain('(2 hours ago)  error     backup.failed  worker  A backup failed\\x1b[2J');
  expect(transport.requests[0]?.variables).toMatchObject({ filter: { severity: ['ERROR'], type: ['backup.failed'] } });
});
