/** Writes docs/cli.md from the commands; with `--check`, fails if it is stale. */
import { buildProgram } from '../src/cli/program.ts';
import { cliPage } from './house/cli-page.ts';
import { generate } from './house/generated-file.ts';

const silent = { write: () => true, on: () => undefined, once: () => undefined, off: () => undefined };
const program = await buildProgram({ stdout: silent, stderr: silent, version: '' }, () => () => Promise.resolve());

await generate('docs/cli.md', cliPage(program));
