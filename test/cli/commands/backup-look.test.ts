import { Readable } from 'node:stream';
import { expect, test } from 'vitest';
import { backup, failure, malformedId, page, progress } from '../support/objects.ts';
import { runCli } from '../support/run-cli.ts';
import { createSchemaTransport } from '../support/schema-transport.ts';

test('backups are listed with what matters, aligned', async () => {
  const transport = createSchemaTransport({
    backups: page([backup('nightly'), { ...backup('x', 'FAILED'), pinned: true }]),
  });
  const { code, stdout } = await runCli(['backup', 'list'], { transport });
  expect(code).toBe(0);
  expect(stdout).toBe(
    [
      'NAME     TYPE  STATUS          WORKLOAD      SIZE    ADDED  CREATED                                ID',
      'nightly  full  succeeded       shop      1.00 GiB  500 MiB  2026-03-01 10:00:00 UTC (2 hours ago)  B-nightly',
      'x        full  failed, pinned  shop      1.00 GiB  500 MiB  2026-03-01 10:00:00 UTC (2 hours ago)  B-x',
      '',
    ].join('\n'),
  );
});

test('colours are for terminals, and not when they are not wanted', async () => {
  const run = (argv: string[], terminal: boolean, colour: boolean) =>
    runCli(argv, { transport: createSchemaTransport({ backups: page([backup('nightly')]) }), terminal, colour });
  expect((await run(['backup', 'list'], true, true)).stdout).toContain('\u001B[32msucceeded');
  for (const outcome of [
    await run(['backup', 'list'], false, true),
    await run(['backup', 'list'], true, false),
    await run(['backup', 'list', '--no-color'], true, true),
    await run(['backup', 'list', '--json'], true, true),
  ]) {
    expect(outcome.stdout).not.toContain('\u001B[');
  }
});

test('lists go over pages up to their limit, and say what is left', async () => {
  const windows: unknown[] = [];
  const backups = ({ first, after }: { first: number; after: string | null }) => {
    windows.push({ first, after });
    const nodes = Array.from({ length: first }, (_, index) => backup(`b${index}`));
    return { ...page(nodes), totalCount: 999, pageInfo: { hasNextPage: true, endCursor: 'next' } };
  };
  const transport = createSchemaTransport({ backups });
  const { stdout, stderr } = await runCli(['backup', 'list', '--limit', '120'], { transport });
  expect(windows).toEqual([
    { first: 50, after: null },
    { first: 50, after: 'next' },
    { first: 20, after: 'next' },
  ]);
  expect(stdout.trimEnd().split('\n')).toHaveLength(121);
  expect(stderr).toContain('120 of 999 shown; --limit 999 shows all.');
});

test('filters are given by name', async () => {
  const filters: unknown[] = [];
  const transport = createSchemaTransport({
    workload: ({ name }: { name?: string }) => ({ id: `W-${name}`, name }),
    backups: ({ filter }: { filter: unknown }) => {
      filters.push(filter);
      return page([]);
    },
  });
  const { code, stdout, stderr } = await runCli(['backup', 'list', '-w', 'shop', '-t', 'files', '-s', 'partial'], {
    transport,
  });
  expect({ code, stdout }).toEqual({ code: 0, stdout: '' });
  expect(stderr).toContain('There are no such backups.');
  expect(filters).toEqual([{ workloadId: 'W-shop', type: ['FILES'], status: ['PARTIAL'] }]);
});

const named = (...all: ReturnType<typeof backup>[]) => ({
  backups: page(all),
  backup: ({ id }: { id: string }) => all.find((one) => one.id === id) ?? (id.startsWith('B-') ? null : malformedId()),
});

test('a backup is found by its name, its id, with --id, or as the latest', async () => {
  for (const argv of [['nightly'], ['B-nightly'], ['--id', 'nightly'], ['--id=B-nightly'], ['latest']]) {
    const { code, stdout } = await runCli(['backup', 'show', ...argv, '--json'], {
      transport: createSchemaTransport(named(backup('nightly'))),
    });
    expect({ argv, code }).toEqual({ argv, code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ id: 'B-nightly' });
  }
});

test('a backup that failed early shows no empty figures, one of a single file no plural', async () => {
  const show = async (changes: object) => {
    const transport = createSchemaTransport(named({ ...backup('nightly', 'FAILED'), ...changes }));
    return (await runCli(['backup', 'show', 'nightly'], { transport })).stdout;
  };
  const none = { logicalBytes: null, readBytes: null, addedBytes: null, storedBytes: null, files: null };
  const failed = await show({ ...none, unchangedFiles: null, sources: [] });
  expect(failed).not.toMatch(/^(Size|Read|Added)/mu);
  expect(failed).not.toContain(' - ');
  expect(await show({ files: '1' })).toMatch(/^Size +1\.00 GiB in 1 file \(0 unchanged\)$/mu);
});

test('the latest is one that can be restored', async () => {
  const transport = createSchemaTransport(named(backup('nightly')));
  await runCli(['backup', 'show', 'latest'], { transport });
  expect(transport.requests[0]?.variables).toMatchObject({ first: 1, filter: { status: ['SUCCEEDED', 'PARTIAL'] } });
});

test('a name that several backups have is ambiguous', async () => {
  const twins = [backup('nightly'), { ...backup('nightly'), id: 'B-other' }];
  const { code, stderr } = await runCli(['backup', 'show', 'nightly'], {
    transport: createSchemaTransport(named(...twins)),
  });
  expect(code).toBe(2);
  expect(stderr).toContain('There are 2 backups named nightly. [NAME_AMBIGUOUS]');
  expect(stderr).toContain('B-nightly, B-other');
});

test.each(['B-gone', 'nothing like this'])('%s is not found', async (reference) => {
  const transport = createSchemaTransport(named(backup('nightly')));
  const { code, stderr } = await runCli(['backup', 'show', reference], { transport });
  expect(code).toBe(4);
  expect(stderr).toContain(`There is no backup ${reference}.`);
});

test.each([
  ['lastest', 'Did you mean latest? '],
  ['nigthly', 'Did you mean nightly? '],
  ['something else', ''],
])('what may have been meant by %s is told, and where to look', async (reference, meant) => {
  const transport = createSchemaTransport(named(backup('nightly')));
  const { stderr } = await runCli(['backup', 'show', reference], { transport });
  expect(stderr).toContain(`       ${meant}See what there is with: strongroom backup list\n`);
});

test('there is no latest before there is any', async () => {
  const { code, stderr } = await runCli(['backup', 'show', 'latest'], { transport: createSchemaTransport(named()) });
  expect(code).toBe(4);
  expect(stderr).toContain('       See what there is with: strongroom backup list\n');
});

test.each([[[]], [['a', '--id', 'b']]])('%j does not say which backup', async (argv) => {
  const { code, stderr } = await runCli(['backup', 'show', ...argv], { transport: createSchemaTransport({}) });
  expect(code).toBe(2);
  expect(stderr).toContain('[INPUT_INVALID]\n       Correct it and run the command again.\n');
});

const entry = (path: string, kind: string) => ({
  name: path.split('/').at(-1) ?? '',
  path,
  kind,
  size: '1536',
  mode: 0o644,
  modifiedAt: '2026-01-02T03:04:05.000Z',
  linkTarget: kind === 'SYMLINK' ? '../b\u0007' : null,
});

const tree = {
  ...backup('nightly'),
  entry: ({ path }: { path: string }) =>
    path === '/files' ? entry(path, 'DIRECTORY') : path === '/files/a' ? entry(path, 'FILE') : null,
  tree: ({ path, after }: { path: string; after: string | null }) => {
    if (path === '/files/b')
      return { nodes: [entry('/files/b/c', 'SYMLINK')], pageInfo: { hasNextPage: false, endCursor: null } };
    return after === null
      ? { nodes: [entry('/files/a', 'FILE')], pageInfo: { hasNextPage: true, endCursor: 'a' } }
      : { nodes: [entry('/files/b', 'DIRECTORY')], pageInfo: { hasNextPage: false, endCursor: 'b' } };
  },
  downloadUrl: ({ path }: { path: string }) => ({ url: `/download/${path}` }),
};
const withTree = () =>
  createSchemaTransport(
    { backups: page([tree]), backup: tree },
    {
      download: (url) => Readable.from([Buffer.from(`bytes of `), Buffer.from(url)]),
    },
  );

test('ls lists a folder over its pages, below it when asked to', async () => {
  const flat = await runCli(['backup', 'ls', 'nightly', 'files'], { transport: withTree() });
  expect(flat).toMatchObject({
    code: 0,
    stdout: '0644  1.50 KiB  2026-01-02 03:04:05 UTC  a\n0644  -  2026-01-02 03:04:05 UTC  b/\n',
  });
  const deep = await runCli(['backup', 'ls', '--id', 'nightly', '/files', '-R'], { transport: withTree() });
  expect(deep.stdout).toContain('/files/b/c -> ../b\\x07');
  const one = await runCli(['backup', 'ls', 'nightly', '/files/a', '--json'], { transport: withTree() });
  expect(JSON.parse(one.stdout)).toMatchObject([{ path: '/files/a', size: '1536' }]);
  const none = await runCli(['backup', 'ls', 'nightly', '/files/none'], { transport: withTree() });
  expect(none.code).toBe(4);
});

test('cat writes the bytes of a file and nothing else', async () => {
  const { code, stdout } = await runCli(['backup', 'cat', 'nightly', '/files/a'], { transport: withTree() });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'bytes of /download//files/a' });
  expect((await runCli(['backup', 'cat', 'nightly'], { transport: withTree() })).code).toBe(2);
});

const verifying = (sound: boolean) => ({
  ...named(backup('nightly')),
  verifyBackup: { __typename: 'Verification', id: 'V-1' },
  verificationProgress: async function* states() {
    yield { verificationProgress: progress('SUCCEEDED', true) };
    return Promise.resolve();
  },
  verification: {
    id: 'V-1',
    level: 'DATA',
    status: 'SUCCEEDED',
    sound,
    objectsRead: '12',
    bytesRead: '1048576',
    completedAt: '2026-03-01T11:00:00.000Z',
    damage: sound ? [] : [{ object: 'packs/ab', offset: '77', reason: 'it was changed', paths: ['/files/a'] }],
    error: null,
  },
});

test('verify says whether a backup is sound, by its exit code too', async () => {
  const good = await runCli(['backup', 'verify', '--id', 'nightly'], {
    transport: createSchemaTransport(verifying(true)),
  });
  expect(good.code).toBe(0);
  expect(good.stdout).toContain('Sound      yes');
  const bad = await runCli(['backup', 'verify', 'nightly'], { transport: createSchemaTransport(verifying(false)) });
  expect(bad.code).toBe(1);
  expect(bad.stdout).toContain('packs/ab at byte 77: it was changed\n    needed by /files/a');
});

test('deleting is confirmed: at a terminal by a yes, elsewhere by --yes', async () => {
  const roots = () =>
    createSchemaTransport({
      ...named(backup('nightly')),
      deleteBackup: { __typename: 'Deleted', deletedId: 'B-nightly' },
    });
  const deletions = (transport: ReturnType<typeof roots>) =>
    transport.requests.filter(({ query }) => query.includes('mutation'));
  const piped = roots();
  expect(await runCli(['backup', 'delete', 'nightly'], { transport: piped })).toMatchObject({ code: 2, stdout: '' });
  expect(deletions(piped)).toHaveLength(0);
  const refused = roots();
  const no = await runCli(['backup', 'delete', 'nightly'], { transport: refused, terminal: true, input: 'n\r' });
  expect(no.code).toBe(0);
  expect(no.stderr).toContain('Delete the backup nightly for good? [y/N]');
  expect(deletions(refused)).toHaveLength(0);
  const agreed = roots();
  await runCli(['backup', 'delete', 'nightly'], { transport: agreed, terminal: true, input: 'y\r' });
  expect(deletions(agreed)).toHaveLength(1);
  const sure = roots();
  expect((await runCli(['backup', 'delete', 'nightly', '--yes'], { transport: sure })).stdout).toBe(
    'Deleted nightly.\n',
  );
  expect(deletions(sure)).toHaveLength(1);
});

test('Ctrl-C at a question cancels', async () => {
  const transport = createSchemaTransport(named(backup('nightly')));
  const { code } = await runCli(['backup', 'delete', 'nightly'], { transport, terminal: true, input: '\u0003' });
  expect(code).toBe(130);
});

test('update, cancel and retry --no-wait', async () => {
  const inputs: unknown[] = [];
  const keep = ({ input }: { input: unknown }) => {
    inputs.push(input);
    return backup('nightly');
  };
  const roots = { ...named(backup('nightly')), updateBackup: keep, cancelBackup: keep, retryBackup: keep };
  const run = (argv: string) => runCli(argv.split(' '), { transport: createSchemaTransport(roots) });
  expect((await run('backup update nightly --no-pin --note x')).code).toBe(0);
  expect((await run('backup cancel nightly')).stdout).toBe('Cancelling nightly.\n');
  expect((await run('backup retry nightly --no-wait')).stdout).toBe('B-nightly\n');
  expect((await run('backup update nightly')).code).toBe(2);
  expect(inputs).toEqual([{ id: 'B-nightly', notes: 'x', pinned: false }, { id: 'B-nightly' }, { id: 'B-nightly' }]);
});

test('an expected failure of a bare mutation is told', async () => {
  const roots = {
    ...named(backup('nightly')),
    cancelBackup: failure('ConflictError', 'STATE_CONFLICT', 'The backup has ended.'),
  };
  const { code, stderr } = await runCli(['backup', 'cancel', 'nightly'], { transport: createSchemaTransport(roots) });
  expect(code).toBe(5);
  expect(stderr).toContain('The backup has ended.');
});
