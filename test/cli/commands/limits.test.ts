import { expect, test } from 'vitest';
import { page, repository, worker } from '../support/objects.ts';
import { runCli } from '../support/run-cli.ts';
import { createSchemaTransport } from '../support/schema-transport.ts';

function service() {
  const inputs: unknown[] = [];
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
    repository: repository('vault'),
    createRepository: ({ input }: { input: unknown }) => {
      inputs.push(input);
      return repository('vault');
    },
    updateRepository: ({ input }: { input: unknown }) => {
      inputs.push(input);
      return repository('vault');
    },
    worker: ({ name }: { name?: string }) => (name === 'tower' ? worker('tower') : null),
    workers: page([worker('tower', 2), { ...worker('old'), running: false }]),
    updateWorker: ({ input }: { input: { laneLimit: number } }) => {
      inputs.push(input);
      return worker('tower', input.laneLimit === 0 ? null : input.laneLimit);
    },
  });
  return { inputs, run: (...argv: string[]) => runCli(argv, { transport }) };
}

const update = ['repository', 'update', 'vault'];

test.each([
  ['10MiB/s', '10485760'],
  ['10 mib', '10485760'],
  ['0.5MiB/s', '524288'],
  ['500kB/s', '500000'],
  ['1GB', '1000000000'],
  ['65536', '65536'],
  ['none', '0'],
])('an upload limit of %s is %s bytes a second', async (text, bytes) => {
  const { inputs, run } = service();
  const { code, stdout } = await run(...update, '--limit-upload', text);
  expect(code).toBe(0);
  expect(inputs).toEqual([{ id: 'R-vault', uploadBytesPerSecond: bytes }]);
  expect(stdout).toMatch(/^Upload limit +10\.0 MiB\/s$/mu);
  expect(stdout).toMatch(/^Download limit +none$/mu);
});

test.each(['fast', '10M', '-5MiB/s', '10MiB/h', '1e6', '0', ''])('a limit of "%s" is wrong usage', async (text) => {
  const { inputs, run } = service();
  const { code, stderr } = await run(...update, '--limit-download', text);
  expect({ code, inputs }).toEqual({ code: 2, inputs: [] });
  expect(stderr).toContain('such as 10MiB/s');
});

test('limits come with a new repository', async () => {
  const { inputs, run } = service();
  const create = ['repository', 'create', 'vault', '--set', 'path=/b', '--no-encryption'];
  const { code } = await run(...create, '--limit-upload', '1MiB/s', '--limit-download', '2MiB/s');
  expect(code).toBe(0);
  expect(inputs).toMatchObject([{ uploadBytesPerSecond: '1048576', downloadBytesPerSecond: '2097152' }]);
});

test('a change without any is wrong usage', async () => {
  const { code, stderr } = await service().run(...update);
  expect(code).toBe(2);
  expect(stderr).toContain('--limit-upload');
});

test('workers are listed with their limits', async () => {
  const { run } = service();
  const { code, stdout } = await run('worker', 'list');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^tower +running +4 +2 +2026-03-01/mu);
  expect(stdout).toMatch(/^old +gone +4 +none/mu);
  const { stdout: json } = await run('worker', 'list', '--json');
  expect(JSON.parse(json)).toMatchObject([{ name: 'tower', laneLimit: 2 }, { running: false }]);
});

test.each([
  ['1', 1],
  ['none', 0],
])('the lanes of a worker are limited to %s', async (text, laneLimit) => {
  const { inputs, run } = service();
  const { code, stdout } = await run('worker', 'update', 'tower', '--lanes', text);
  expect(code).toBe(0);
  expect(inputs).toEqual([{ id: 'K-tower', laneLimit }]);
  expect(stdout).toMatch(new RegExp(`^Lane limit +${text}$`, 'mu'));
});

test('wrong lanes and unknown workers are told', async () => {
  const { inputs, run } = service();
  for (const lanes of ['0', '257', 'all']) {
    expect((await run('worker', 'update', 'tower', '--lanes', lanes)).code).toBe(2);
  }
  expect((await run('worker', 'update', 'tower')).code).toBe(2);
  const { code, stderr } = await run('worker', 'update', 'towr', '--lanes', '1');
  expect(code).toBe(4);
  expect(stderr).toContain('Did you mean tower?');
  expect(stderr).toContain('strongroom worker list');
  expect(inputs).toEqual([]);
});

test('a word that "worker" does not know starts none', async () => {
  const { code } = await service().run('worker', 'lst');
  expect(code).toBe(2);
});
