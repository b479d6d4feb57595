/** docs/cli.md tells of the commands as they are. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { cliPage } from '../../scripts/house/cli-page.ts';
import { allCommands, buildSilentProgram } from './support/program.ts';

test('the page is up to date: node scripts/generate-cli-docs.ts', async () => {
  const page = await readFile(new URL('../../docs/cli.md', import.meta.url), 'utf8');
  expect(page).toBe(cliPage(await buildSilentProgram()));
});

test('it names every command and option', async () => {
  const program = await buildSilentProgram();
  const page = cliPage(program);
  for (const command of allCommands(program).filter(({ parent }) => parent !== null)) {
    expect(page).toContain(`\`${command.path}`);
    for (const { flags } of command.options) expect(page).toContain(`- \`${flags}\`: `);
  }
});
