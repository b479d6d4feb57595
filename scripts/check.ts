/** Everything that must hold besides the tests. Runs all checks, whatever fails, and fails if any did. */
import { join } from 'node:path';
import { execa } from 'execa';

const root = join(import.meta.dirname, '..');

const checks: readonly (readonly [title: string, command: string, ...args: string[]])[] = [
  ['Format', 'oxfmt', '--check'],
  ['Lint', 'oxlint'],
  ['Types', 'tsc', '--noEmit'],
  ['Dead code', 'knip', '--no-progress'],
  ['Lock file', 'node', 'scripts/complete-lock-file.ts', '--check'],
  ['Generated: schema.graphql', 'node', 'scripts/generate-schema.ts', '--check'],
  ['Generated: docs', 'node', 'scripts/generate-docs.ts', '--check'],
  ['Generated: docs/cli.md', 'node', 'scripts/generate-cli-docs.ts', '--check'],
  ['Breaking changes of the schema', 'node', 'scripts/check-breaking.ts'],
];

const failed: string[] = [];
for (const [title, command, ...args] of checks) {
  console.log(`\n== ${title}`);
  const { exitCode } = await execa(command, args, {
    cwd: root,
    preferLocal: true,
    stdio: ['ignore', 'inherit', 'inherit'],
    reject: false,
  });
  if (exitCode !== 0) failed.push(title);
}
console.log(failed.length === 0 ? '\nAll checks passed.' : `\nFailed: ${failed.join(', ')}`);
if (failed.length > 0) process.exitCode = 1;
