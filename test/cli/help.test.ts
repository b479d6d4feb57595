import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runCli } from './support/run-cli.ts';
import { allCommands, buildSilentProgram, commandWords } from './support/program.ts';

const commands = allCommands(await buildSilentProgram());
const examples = commands.flatMap((command) => command.examples.map(({ line }) => [command.path, line] as const));

test.each(commands.map((command) => [command.path, command] as const))(
  '%s has help with examples',
  async (path, command) => {
    const { code, stdout, stderr } = await runCli([...path.split(' ').slice(1), '--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout).toContain(
      `Usage: ${path.replace('repository', command.name() === 'repository' ? 'repository|repo' : 'repository')}`,
    );
    // The same with its part of the program alone as with all of it.
    expect(stdout.startsWith(command.helpInformation())).toBe(true);
    expect(stdout).toContain('Examples:');
    expect(command.description()).toMatch(/\.$/u);
    for (const { description } of command.options) expect(description).not.toBe('');
  },
);

test.each(examples)('%s: the example parses: %s', async (_path, line) => {
  let reached = false;
  const program = await buildSilentProgram(() => {
    reached = true;
  });
  const [name, ...words] = commandWords(line);
  expect(name).toBe('strongroom');
  if (words.includes('--help')) return;
  await program.parseAsync(words, { from: 'user' });
  expect(reached).toBe(true);
});

test('an example belongs to its command', () => {
  for (const command of commands.filter(({ children }) => children.length === 0)) {
    expect(command.examples.length, command.path).toBeGreaterThan(0);
    for (const { line } of command.examples) {
      expect(commandWords(line).join(' ').startsWith(command.path), line).toBe(true);
    }
  }
});

test('the help of the program tells the exit codes and the environment', async () => {
  const { stdout } = await runCli(['--help']);
  for (const text of [
    '130  cancelled',
    '7    the server',
    'STRONGROOM_URL',
    'STRONGROOM_TOKEN',
    'NO_COLOR',
    '{"error": {',
  ]) {
    expect(stdout).toContain(text);
  }
  for (const text of ['serve', 'worker', 'backup', 'restore', 'completion']) expect(stdout).toContain(`  ${text}`);
});

test.each(['serve', 'worker'])('%s --help tells every setting of the service with its default', async (name) => {
  const { stdout } = await runCli([name, '--help']);
  expect(stdout).toContain('Environment:');
  const operations = readFileSync(join(import.meta.dirname, '../../docs/operations.md'), 'utf8');
  const settings = Array.from(
    operations.matchAll(/^\| (`(?:STRONGROOM|DATABASE)_[A-Z_`, ]+`) +\|/gmu),
    ([, cell = '']) => cell,
  )
    .flatMap((cell) => cell.replaceAll('`', '').split(', '))
    .filter((setting) => !['STRONGROOM_URL', 'STRONGROOM_TOKEN'].includes(setting));
  expect(settings.length).toBeGreaterThan(10);
  const served = ['STRONGROOM_HOST', 'STRONGROOM_PORT', 'STRONGROOM_PUBLIC_URL', 'STRONGROOM_WORKER'];
  for (const setting of settings.filter((one) => name === 'serve' || !served.includes(one))) {
    expect(stdout).toContain(`  ${setting}\n`);
  }
  expect(stdout).toContain('(otherwise the embedded one)');
});

test('the version', async () => {
  expect(await runCli(['--version'])).toEqual({ code: 0, stdout: '9.8.7\n', stderr: '' });
});

test('no option is for a secret itself', () => {
  const allowed = new Set([
    '--token-file',
    '--passphrase-file',
    '--passphrase-env',
    '--secret-file',
    '--secret-env',
    '--generate-passphrase',
  ]);
  const flags = commands.flatMap(({ options }) => options.map(({ long }) => long ?? ''));
  expect(flags.filter((flag) => /token|pass|secret|credential/u.test(flag) && !allowed.has(flag))).toEqual([]);
});

test.each([
  [['bakup'], "unknown command 'bakup' (Did you mean backup?)", 'strongroom --help'],
  [['backup', 'crate'], "unknown command 'crate' (Did you mean create?)", 'strongroom backup --help'],
  [
    ['backup', 'list', '--workloed', 'x'],
    "unknown option '--workloed' (Did you mean --workload?)",
    'strongroom backup list --help',
  ],
  [
    ['backup', 'create', '--type', 'some'],
    'It must be one of full, database, files, incremental, configuration.',
    'strongroom backup create --help',
  ],
  [
    ['backup', 'create', '--retention', 'soon'],
    'It must be a time such as 30d, 4w, 6m or 1y.',
    'strongroom backup create --help',
  ],
  [['backup', 'create', '--label', 'plain'], 'It must be key=value.', 'strongroom backup create --help'],
  [['backup', 'list', '--limit', '0'], 'It must be a whole number of 1 to 100000.', 'strongroom backup list --help'],
  [
    ['repository', 'key', 'remove', 'vault'],
    "required option '-s, --slot <slot>' not specified",
    'strongroom repository key remove --help',
  ],
  [['workload', 'create'], "missing required argument 'name'", 'strongroom workload create --help'],
  [['completion', 'tcsh'], 'Allowed choices are bash, zsh, fish.', 'strongroom completion --help'],
])('%j is wrong usage', async (argv, message, help) => {
  const { code, stdout, stderr } = await runCli(argv);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain(message);
  expect(stderr).toContain(`[USAGE]`);
  expect(stderr).toContain(`See "${help}".`);
  const json = await runCli(['--json', ...argv]);
  expect(json.code).toBe(2);
  expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'USAGE', help: `See "${help}".` } });
});

test('a group alone shows its help and is wrong usage', async () => {
  const { code, stdout, stderr } = await runCli(['backup']);
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('Usage: strongroom backup');
});

test('serve is run by the process, and signals are its own', async () => {
  let press: () => void = () => undefined;
  const outcome = await runCli(['serve'], {
    onStart: (interrupt) => {
      press = interrupt;
    },
    serve: () => {
      press();
      return Promise.reject(new Error('the port is taken'));
    },
  });
  expect(outcome).toMatchObject({ code: 1, stdout: '' });
  expect(outcome.stderr).toContain('the port is taken');
  expect(await runCli(['serve'], { serve: () => Promise.resolve(3) })).toMatchObject({ code: 1 });
});

test.each(['foo', 'localhost:7878', 'ftp://host', 'http://', 'http://me:hunter2@host:7878'])(
  '--url %s is wrong usage, and not told again',
  async (address) => {
    const { code, stdout, stderr } = await runCli(['backup', 'list', '--url', address]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toBe('error: --url must look like http://host:port [USAGE]\n       See "strongroom --help".\n');
    const json = await runCli(['--json', '--url', address, 'backup', 'list']);
    expect(json.code).toBe(2);
    expect(JSON.parse(json.stderr)).toMatchObject({ error: { code: 'USAGE' } });
  },
);
