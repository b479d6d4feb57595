import { execa } from 'execa';
import { expect, test } from 'vitest';
import { runCli } from './support/run-cli.ts';

async function complete(...words: string[]): Promise<string[]> {
  const { stdout: script } = await runCli(['completion', 'bash']);
  const line = ['strongroom', ...words].map((word) => `'${word}'`).join(' ');
  const { stdout } = await execa('bash', ['--norc', '--noprofile'], {
    input: `${script}\nCOMP_WORDS=(${line}); COMP_CWORD=${words.length}; _strongroom; printf '%s\\n' "\${COMPREPLY[@]}"`,
  });
  return stdout.split('\n').filter((word) => word !== '');
}

test('bash completes commands', async () => {
  expect(await complete('')).toEqual(expect.arrayContaining(['serve', 'backup', 'repository', 'repo', 'completion']));
  expect(await complete('backup', 'c')).toEqual(['create', 'cat', 'cancel']);
  expect(await complete('repo', 'key', '')).toEqual(['list', 'add', 'remove']);
});

test('bash completes options, global ones too', async () => {
  expect(await complete('backup', 'create', '--re')).toEqual(['--repository', '--retention']);
  expect(await complete('backup', 'create', '--js')).toEqual(['--json']);
  expect(await complete('--json', 'backup', 'list', '--wor')).toEqual(['--workload']);
});

test('bash is not misled by the values of options', async () => {
  expect(await complete('backup', 'create', '--workload', 'shop', '--pi')).toEqual(['--pin']);
  expect(await complete('backup', 'list', '--type', 'full', '--stat')).toEqual(['--status']);
});

test.each(['zsh', 'fish'])('the script for %s names every command', async (shell) => {
  const { code, stdout } = await runCli(['completion', shell]);
  expect(code).toBe(0);
  for (const word of ['backup create', 'repository key add', 'restore list']) expect(stdout).toContain(word);
  expect(stdout).toContain('retention');
  expect(stdout).not.toContain('undefined');
});
