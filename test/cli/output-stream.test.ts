/** The command line as a process whose output goes away or has no room. */
import { execa } from 'execa';
import { expect, test } from 'vitest';
import { join } from 'node:path';

const script = (words: readonly string[]) => `
  import { runCommandLine } from ${JSON.stringify(join(import.meta.dirname, '../../src/cli/index.ts'))};
  process.exitCode = await runCommandLine(${JSON.stringify(words)}, {
    stdout: process.stdout, stderr: process.stderr, stdin: process.stdin, version: '1',
    environment: { defaultUrl: 'http://127.0.0.1:2', colour: false, variable: () => undefined },
    clock: { now: () => new Date() },
    openLocal: () => Promise.reject(new Error('not here')),
    serve: () => Promise.resolve(0), worker: () => Promise.resolve(0),
    onInterrupt: () => () => undefined,
  });
`;
const shell = (words: readonly string[], redirection: string) =>
  execa('bash', ['-c', `"$0" --input-type=module -e "$1" ${redirection}`, process.execPath, script(words)], {
    reject: false,
  });

test.each([['completion', 'bash'], ['--help']])('a reader that leaves %s early is no failure', async (...words) => {
  const { exitCode, stderr } = await shell(words, '| true; exit "${PIPESTATUS[0]}"');
  expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' });
});

test.runIf(process.platform === 'linux')('output that finds no room is one', async () => {
  const { exitCode, stderr } = await shell(['completion', 'bash'], '> /dev/full');
  expect(exitCode).toBe(1);
  expect(stderr).toContain('ENOSPC');
});
