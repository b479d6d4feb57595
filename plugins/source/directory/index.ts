/** A directory and all below it: uploads, media, documents. */
import { z } from 'zod';
import { defineSource } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { DirectorySource } from './directory-source.ts';
import { compileFilter, rootVerdict } from './path-filter.ts';

const Glob = z.string().min(1).max(1_000);

export default defineSource({
  name: 'directory',
  version: '1.0.0',
  contractVersion: 1,
  description: "A directory with all that lies below it, but for Strongroom's own data.",
  content: 'FILES',
  configuration: z.object({
    path: z.string().startsWith('/').max(4_096).describe('Absolute path of the directory.'),
    include: z
      .array(Glob)
      .max(1_000)
      .optional()
      .describe(
        'Globs of what to take, relative to the directory; everything when absent. "*.jpg" is matched against names at any depth, "uploads/**" from the top.',
      ),
    exclude: z
      .array(Glob)
      .max(1_000)
      .optional()
      .describe('Globs of what to leave out; an excluded directory is not entered. Wins over include.'),
    oneFileSystem: z.boolean().optional().describe('Leave out what is mounted below the directory.'),
  }),
  async create({ path, include, exclude, oneFileSystem }, host) {
    const filter = compiled(include, exclude);
    return new DirectorySource({ path, filter, rootVerdict: rootVerdict(include), oneFileSystem, host });
  },
});

function compiled(...globs: Parameters<typeof compileFilter>): ReturnType<typeof compileFilter> {
  try {
    return compileFilter(...globs);
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('INPUT_INVALID', { field: 'include, exclude', reason }, { cause: error });
  }
}
