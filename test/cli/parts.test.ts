/** A command line loads only the commands it can come to, and nobody sees that. */
import { expect, test } from 'vitest';
import { allCommands, buildSilentProgram } from './support/program.ts';
import { runCli } from './support/run-cli.ts';

const whole = await buildSilentProgram();

const keyCommands = ['list', 'add', 'remove'].map((name) => `strongroom repository key ${name}`);

test.each([
  [
    ['event', 'list'],
    ['strongroom event', 'strongroom event list'],
  ],
  [
    ['backup', 'show', 'nightly'],
    ['strongroom backup', 'strongroom backup list', 'strongroom backup show'],
  ],
  [
    ['--url', 'backup', '-q', '--token-file=/t', 'repo', '--json', 'key', 'list', '--limit', '5'],
    ['strongroom repository', 'strongroom repository key', ...keyCommands],
  ],
])('%j loads only its part', async (argv, paths) => {
  const program = await buildSilentProgram(undefined, argv);
  expect(allCommands(program).map(({ path }) => path)).toEqual(['strongroom', ...paths]);
});

test.each([
  [[]],
  [['help', 'backup']],
  [['--help', 'backup']],
  [['completion', 'bash']],
  [['bakup']],
  [['--', 'backup']],
  [['--unknown', 'backup']],
  [['--url', 'backup']],
  [['--url']],
])('%j loads everything', async (argv) => {
  const program = await buildSilentProgram(undefined, argv);
  expect(allCommands(program).map(({ path }) => path)).toEqual(allCommands(whole).map(({ path }) => path));
});

test.each([[['--help']], [['help']], [['--help', 'backup']], [['-q', '-h', 'backup', 'list']]])(
  '%j tells of every command',
  async (argv) => {
    const { code, stdout } = await runCli(argv);
    expect(code).toBe(0);
    expect(stdout.startsWith(whole.helpInformation())).toBe(true);
  },
);

test.each([[['backup', '--help', 'list']], [['help', 'backup']], [['backup', 'help']]])(
  '%j tells of the whole group',
  async (argv) => {
    const { code, stdout } = await runCli(argv);
    expect(code).toBe(0);
    const backup = whole.children.find((command) => command.name() === 'backup');
    expect(stdout.startsWith(backup?.helpInformation() ?? 'nothing')).toBe(true);
  },
);

test.each(['bash', 'zsh', 'fish'])('the script for %s tells of every command', async (shell) => {
  const { stdout } = await runCli(['completion', shell]);
  for (const { path } of allCommands(whole).slice(1)) {
    expect(stdout).toContain(`'${path.replace('strongroom ', '')}'`);
  }
});
