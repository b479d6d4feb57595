import { expect, test } from 'vitest';
import { StrongroomError } from '../../../src/errors.ts';
import { backup, failure, page, progress, repository, workload } from '../support/objects.ts';
import { runCli } from '../support/run-cli.ts';
import { createSchemaTransport } from '../support/schema-transport.ts';
import type { Roots } from '../support/schema-transport.ts';

async function* states(...all: object[]) {
  for (const state of all) yield { backupProgress: state };
  return Promise.resolve();
}

const roots = (status: string, more: Roots = {}): Roots => ({
  workloads: page([workload('shop')]),
  repositories: page([repository('vault')]),
  createBackup: backup('nightly'),
  backup: backup('nightly', status),
  backupProgress: () => states(progress('RUNNING'), progress(status, true)),
  ...more,
});

test.each([
  ['SUCCEEDED', 0],
  ['FAILED', 1],
  ['PARTIAL', 3],
  ['CANCELLED', 130],
])('a backup that ends as %s has exit code %i', async (status, expected) => {
  const transport = createSchemaTransport(roots(status));
  const { code, stdout, stderr } = await runCli(['backup', 'create'], { transport });
  expect(code).toBe(expected);
  expect(stdout).toContain(`Status       ${status.toLowerCase()}`);
  expect(stdout).toContain('1.00 GiB in 1,200 files');
  expect(stderr).toContain('No server listens at http://127.0.0.1:2: working in this process.');
  expect(stderr).toContain('reading, 25 %, 1.00 KiB of 4.00 KiB');
  expect(transport.disposed()).toBe(true);
});

test('warnings and errors are told', async () => {
  const partial = await runCli(['backup', 'create'], { transport: createSchemaTransport(roots('PARTIAL')) });
  expect(partial.stdout).toContain("1 warning:\n  The file /files/a can't be read: EACCES [SOURCE_FILE_UNREADABLE]");
  const failed = await runCli(['backup', 'create'], { transport: createSchemaTransport(roots('FAILED')) });
  expect(failed.stdout).toContain('error: The storage is full while writing p. [STORAGE_FULL]');
});

test('every option becomes a field of the input', async () => {
  const inputs: unknown[] = [];
  const transport = createSchemaTransport(
    roots('SUCCEEDED', {
      workload: ({ name }: { name?: string }) => (name === 'shop' ? workload('shop') : null),
      repository: ({ name }: { name?: string }) => (name === 'vault' ? repository('vault') : null),
      createBackup: ({ input }: { input: unknown }) => {
        inputs.push(input);
        return backup('nightly');
      },
    }),
  );
  const argv =
    'backup create --workload shop --repository vault --type=incremental --source uploads --source orders --include-table a* --exclude-table b* --name nightly --label k=v --label x=y=z --retention 4w --pin --note n --no-wait';
  const { code, stdout, stderr } = await runCli(argv.split(' '), { transport });
  expect({ code, stdout }).toEqual({ code: 0, stdout: 'B-nightly\n' });
  expect(stderr).toContain('It is queued');
  expect(inputs).toEqual([
    {
      workloadId: 'W-shop',
      repositoryId: 'R-vault',
      type: 'INCREMENTAL',
      name: 'nightly',
      sources: ['uploads', 'orders'],
      includeTables: ['a*'],
      excludeTables: ['b*'],
      retentionDays: 28,
      pinned: true,
      notes: 'n',
      labels: [
        { key: 'k', value: 'v' },
        { key: 'x', value: 'y=z' },
      ],
    },
  ]);
});

test('where there are several workloads, one has to be named', async () => {
  const transport = createSchemaTransport(
    roots('SUCCEEDED', { workloads: page([workload('shop'), workload('blog')]) }),
  );
  const { code, stderr } = await runCli(['backup', 'create'], { transport });
  expect(code).toBe(2);
  expect(stderr).toContain('there are 2, say which one: shop, blog.');
});

test('--json prints one document, and no notes', async () => {
  const transport = createSchemaTransport(roots('PARTIAL'));
  const { code, stdout, stderr } = await runCli(['backup', 'create', '--json'], { transport });
  expect({ code, stderr }).toEqual({ code: 3, stderr: '' });
  expect(JSON.parse(stdout)).toMatchObject({ id: 'B-nightly', status: 'PARTIAL', logicalBytes: '1073741824' });
});

test('--json --progress prints JSON lines, the result last', async () => {
  const transport = createSchemaTransport(roots('SUCCEEDED'));
  const { stdout } = await runCli(['backup', 'create', '--json', '--progress'], { transport });
  const lines: unknown[] = stdout
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(lines).toMatchObject([
    { progress: { status: 'RUNNING', bytesDone: '1024' } },
    { progress: { status: 'SUCCEEDED', finished: true } },
    { backup: { id: 'B-nightly' } },
  ]);
});

test.each([
  ['InvalidInputError', 'INPUT_INVALID', 2],
  ['NotFoundError', 'OBJECT_NOT_FOUND', 4],
  ['ConflictError', 'STATE_CONFLICT', 5],
  ['AccessDeniedError', 'PATH_NOT_ALLOWED', 6],
  ['OperationFailedError', 'STORAGE_UNAVAILABLE', 1],
])('a %s is told with its code and help, as JSON too', async (type, errorCode, expected) => {
  const createBackup = { ...failure(type, errorCode, 'It does not go.'), field: 'type', retryable: true };
  const plain = await runCli(['backup', 'create'], {
    transport: createSchemaTransport(roots('SUCCEEDED', { createBackup })),
  });
  expect({ code: plain.code, stdout: plain.stdout }).toEqual({ code: expected, stdout: '' });
  expect(plain.stderr).toContain(`error: It does not go. [${errorCode}]\n       Do something about it.\n`);
  const json = await runCli(['--json', 'backup', 'create'], {
    transport: createSchemaTransport(roots('SUCCEEDED', { createBackup })),
  });
  expect(JSON.parse(json.stderr)).toEqual({
    error: { code: errorCode, message: 'It does not go.', help: 'Do something about it.' },
  });
});

test('the first interrupt cancels and waits, and the backup is then cancelled', async () => {
  let press: () => void = () => undefined;
  const cancelled = Promise.withResolvers<void>();
  async function* untilCancelled() {
    yield { backupProgress: progress('RUNNING') };
    press();
    await cancelled.promise;
    yield { backupProgress: progress('CANCELLED', true) };
  }
  const transport = createSchemaTransport(
    roots('CANCELLED', {
      backupProgress: untilCancelled,
      cancelBackup: () => {
        cancelled.resolve();
        return backup('nightly', 'RUNNING');
      },
    }),
  );
  const { code, stdout, stderr } = await runCli(['backup', 'create'], {
    transport,
    onStart: (interrupt) => {
      press = interrupt;
    },
  });
  expect(code).toBe(130);
  expect(stderr).toContain('Cancelling the backup. Press Ctrl-C again to leave without waiting.');
  expect(stdout).toContain('cancelled');
});

test('the second interrupt leaves, and says how to come back', async () => {
  let press: () => void = () => undefined;
  const transport = createSchemaTransport(
    roots('RUNNING', {
      cancelBackup: () => failure('ConflictError', 'STATE_CONFLICT', 'The backup has ended.'),
    }),
  );
  const leaving = {
    ...transport,
    async *subscribe(_request: unknown, signal?: AbortSignal) {
      yield { data: { progress: progress('RUNNING') } };
      const left = Promise.withResolvers<void>();
      signal?.addEventListener('abort', () => left.resolve());
      press();
      press();
      await left.promise;
      throw new StrongroomError('CANCELLED', {});
    },
  };
  const { code, stderr } = await runCli(['backup', 'create'], {
    transport: leaving,
    onStart: (interrupt) => {
      press = interrupt;
    },
  });
  expect(code).toBe(130);
  expect(stderr).toContain('Left the backup; it may still be running. See it with: strongroom backup show B-nightly');
});

test('a dropped connection is taken up again; the present state comes first', async () => {
  let connections = 0;
  const transport = createSchemaTransport(roots('SUCCEEDED'));
  const dropping = {
    ...transport,
    async *subscribe() {
      connections += 1;
      if (connections === 2) throw new StrongroomError('SERVER_UNREACHABLE', { url: 'u', reason: 'refused' });
      yield { data: { progress: progress('RUNNING') } };
      if (connections === 1) throw new StrongroomError('SERVER_UNREACHABLE', { url: 'u', reason: 'dropped' });
      yield { data: { progress: progress('SUCCEEDED', true) } };
      return Promise.resolve();
    },
  };
  const { code, stderr } = await runCli(['backup', 'create'], { transport: dropping, reconnectDelays: [1, 1] });
  expect({ code, connections }).toEqual({ code: 0, connections: 3 });
  expect(stderr.match(/The connection dropped, connecting again\./gu)).toHaveLength(1);
});

test('a server that stays away is given up, with exit code 7', async () => {
  const transport = createSchemaTransport(roots('SUCCEEDED'));
  const gone = {
    ...transport,
    subscribe: () => ({
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.reject(new StrongroomError('SERVER_UNREACHABLE', { url: 'u', reason: 'refused' })),
      }),
    }),
  };
  const { code } = await runCli(['backup', 'create'], { transport: gone, reconnectDelays: [1, 1] });
  expect(code).toBe(7);
});
