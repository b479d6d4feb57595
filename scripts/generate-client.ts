/**
 * Generates the Prisma client from prisma/schema.prisma; npm runs it after every install. Needs no network: generating only
 * wants the file of the schema engine to exist and never runs it, so any file will do. Does nothing where the Prisma
 * command line is absent, as in an install without development dependencies: there the generated client is brought along.
 */
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { execa, ExecaError } from 'execa';

const root = join(import.meta.dirname, '..');
const schema = join(root, 'prisma', 'schema.prisma');

/** The module that is the Prisma command line, or undefined where it is not installed. */
function findPrisma(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('prisma/package.json')), 'build', 'index.js');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND') return undefined;
    throw error;
  }
}

const prisma = findPrisma();
if (!existsSync(schema)) {
  console.log('There is no prisma/schema.prisma: no client to generate.');
} else if (prisma === undefined) {
  console.log('The Prisma command line is not installed: the client is not generated anew.');
} else {
  try {
    const { stdout } = await execa(process.execPath, [prisma, 'generate', '--schema', schema, '--no-hints'], {
      cwd: root,
      // The generators are programs of node_modules too.
      preferLocal: true,
      localDir: root,
      stdin: 'ignore',
      env: {
        PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
        PRISMA_HIDE_UPDATE_MESSAGE: '1',
        CHECKPOINT_DISABLE: '1',
      },
    });
    console.log(stdout.trim());
  } catch (error) {
    if (!(error instanceof ExecaError)) throw error;
    console.error(String(error.stderr));
    process.exitCode = 1;
  }
}
