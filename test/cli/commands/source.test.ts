import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { failure, malformedId, page, source, workload } from '../support/objects.ts';
import { runCli } from '../support/run-cli.ts';
import type { CliOptions } from '../support/run-cli.ts';
import { createSchemaTransport } from '../support/schema-transport.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'strongroom-cli-'));
  await writeFile(join(folder, 'password'), 'correct horse\n');
  await writeFile(join(folder, 'empty'), '');
  await writeFile(join(folder, 'binary'), Buffer.from([0xff, 0xfe]));
});
afterAll(() => rm(folder, { recursive: true }));

const plugin = {
  kind: 'SOURCE',
  name: 'postgres',
  version: '1.0.0',
  description: 'A PostgreSQL database.',
  builtIn: true,
  content: 'DATABASE',
  configurationSchema: {
    type: 'object',
    properties: {
      host: { type: 'string', description: 'Name of the server.', default: 'localhost' },
      port: { type: 'integer' },
      tables: { type: 'array', items: { type: 'string' } },
      database: { type: 'string' },
      password: { type: 'string', writeOnly: true },
    },
    required: ['database', 'password'],
  },
};

function sources() {
  const inputs: unknown[] = [];
  const keep = ({ input }: { input: unknown }) => {
    inputs.push(input);
    return source('orders');
  };
  const transport = createSchemaTransport({
    workloads: page([workload('shop')]),
    workload: ({ id, name }: { id?: string; name?: string }) =>
      name === 'shop' || id === 'W-shop' ? { ...workload('shop'), sources: [source('orders')] } : null,
    source: ({ id }: { id: string }) => (id === 'S-orders' ? source('orders') : malformedId()),
    plugins: [
      plugin,
      { ...plugin, name: 'directory', configurationSchema: { properties: { path: { type: 'string' } } } },
    ],
    createSource: keep,
    updateSource: keep,
    deleteSource: { __typename: 'Deleted', deletedId: 'S-orders' },
    testSource: failure('OperationFailedError', 'SOURCE_UNAVAILABLE', "The source can't be reached: refused"),
    discoverSource: {
      __typename: 'DiscoveredItems',
      items: [{ kind: 'TABLE', name: 'public.orders', rows: '1234567', bytes: '8192' }],
    },
  });
  return {
    inputs,
    run: (argv: string[], options: CliOptions = {}) => runCli(['source', ...argv], { transport, ...options }),
  };
}

const add = ['add', 'orders', '--plugin', 'postgres', '--set', 'database=orders'];

test('a source is added with settings of their type and a secret from a file', async () => {
  const { inputs, run } = sources();
  const secret = `password=${join(folder, 'password')}`;
  const { code, stdout, stderr } = await run([
    ...add,
    '--set',
    'port=5433',
    '--set',
    'tables=["a"]',
    '--secret-file',
    secret,
  ]);
  expect(code).toBe(0);
  expect(inputs).toEqual([
    {
      workloadId: 'W-shop',
      name: 'orders',
      plugin: 'postgres',
      configuration: { database: 'orders', port: 5433, tables: ['a'], password: 'correct horse' },
    },
  ]);
  expect(stdout + stderr).not.toContain('correct horse');
  expect(stdout).toContain('Secrets        password');
  expect(stderr).toContain('Prove it: strongroom source test orders\n');
});

test('the hint after a source was added can be typed as it is, and is not told to programs', async () => {
  const argv = ['add', 'files', '-p', 'directory', '--set', 'path=/srv', '-w', "the shop's"];
  const transport = createSchemaTransport({
    workload: workload("the shop's"),
    plugins: [{ ...plugin, name: 'directory', configurationSchema: { properties: { path: { type: 'string' } } } }],
    createSource: source('files'),
  });
  const { stderr } = await sources().run(argv, { transport });
  expect(stderr).toContain(`Prove it: strongroom source test files --workload 'the shop'\\''s'\n`);
  expect((await sources().run(['--json', ...argv], { transport })).stderr).toBe('');
});

test('secrets come from the environment, from standard input, or are typed unseen', async () => {
  const variable = sources();
  await variable.run([...add, '--secret-env', 'password=DB_PASSWORD'], { variables: { DB_PASSWORD: 'from env' } });
  expect(variable.inputs).toMatchObject([{ configuration: { password: 'from env' } }]);
  const piped = sources();
  await piped.run([...add, '--secret-file', 'password=-'], { input: 'from stdin\n' });
  expect(piped.inputs).toMatchObject([{ configuration: { password: 'from stdin' } }]);
  const typed = sources();
  const { stdout, stderr } = await typed.run(add, { terminal: true, input: 'from keys\r' });
  expect(typed.inputs).toMatchObject([{ configuration: { password: 'from keys' } }]);
  expect(stderr).toContain('password: ');
  expect(stdout + stderr).not.toContain('from keys');
});

test.each([
  [['--set', 'password=hunter2'], 'a secret does not belong on the command line'],
  [['--secret-env', 'password=NOT_SET'], 'the environment variable NOT_SET is not set'],
  [['--secret-file', 'pass=x'], 'the plugin postgres has no such field'],
  [['--secret-file', 'password=/nowhere/at/all'], "/nowhere/at/all can't be read"],
])('%j is refused', async (argv, message) => {
  const { inputs, run } = sources();
  const { code, stderr } = await run([...add, ...argv]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
  expect(stderr).not.toContain('hunter2');
  expect(inputs).toEqual([]);
});

test.each([
  [[], '--set database=…, --secret-file password=… or --secret-env password=… are needed', false],
  [['--set', 'database=orders'], '--secret-file password=… or --secret-env password=… is needed', false],
  [[], '--set database=… is needed', true],
])('what is forgotten is told as options: %j', async (argv, message, terminal) => {
  const { inputs, run } = sources();
  const { code, stderr } = await run(['add', 'orders', '--plugin', 'postgres', ...argv], { terminal });
  expect(code).toBe(2);
  expect(stderr).toContain(
    `error: ${message} [USAGE]\n       See what it asks for with: strongroom plugin show postgres\n`,
  );
  expect(inputs).toEqual([]);
});

test.each([
  ['empty', 'is empty'],
  ['binary', 'is no UTF-8 text'],
])('a secret file that is %s is refused', async (file, message) => {
  const { code, stderr } = await sources().run([...add, '--secret-file', `password=${join(folder, file)}`]);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('an unknown plugin is told with those there are', async () => {
  const { code, stderr } = await sources().run(['add', 'x', '--plugin', 'mysql']);
  expect(code).toBe(2);
  expect(stderr).toContain('There is no source plugin named mysql; loaded are: postgres, directory.');
});

test('an update keeps what it does not name', async () => {
  const { inputs, run } = sources();
  expect((await run(['update', 'orders', '--set', 'path=/mnt', '--unset', 'exclude'])).code).toBe(0);
  expect((await run(['update', '--id', 'S-orders', '--name', 'other'])).code).toBe(0);
  expect((await run(['update', 'orders'])).code).toBe(2);
  expect(inputs).toEqual([
    { id: 'S-orders', configuration: { path: '/mnt' } },
    { id: 'S-orders', name: 'other' },
  ]);
});

test('sources are listed, tested, looked into and deleted', async () => {
  const { run } = sources();
  expect((await run(['list', '-w', 'shop'])).stdout).toContain('path=/srv/uploads  exclude=["*.tmp"]');
  expect(await run(['test', 'orders'])).toMatchObject({ code: 1 });
  expect((await run(['discover', 'orders'])).stdout).toContain('table  public.orders  1,234,567  8.00 KiB');
  expect((await run(['delete', 'orders', '-w', 'shop', '--yes'])).stdout).toBe('Deleted orders.\n');
  expect((await run(['delete', 'none', '--yes'])).code).toBe(4);
});

test('a plugin is shown with what it wants to know', async () => {
  const transport = createSchemaTransport({ plugins: [plugin] });
  const { code, stdout } = await runCli(['plugin', 'show', 'postgres'], { transport });
  expect(code).toBe(0);
  expect(stdout).toContain('host      string          default "localhost"  Name of the server.');
  expect(stdout).toContain('database  string          required');
  expect(stdout).toContain('password  string          secret');
  expect(stdout).toContain('tables    list of string  optional');
  const list = await runCli(['plugin', 'list', '--kind', 'source'], { transport });
  expect(list.stdout).toContain('source  postgres  1.0.0    yes       A PostgreSQL database.');
  expect((await runCli(['plugin', 'show', 'none'], { transport })).code).toBe(4);
});
