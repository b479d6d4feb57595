/** restic, with its defaults. */
import { join } from 'node:path';
import { measure, sizeOf } from '../process.ts';
import type { Tool } from './tool.ts';

export function restic(place: string): Tool {
  let round = 0;
  const repository = (): string => join(place, `restic-${round}`);
  const env = { RESTIC_PASSWORD: 'benchmark', RESTIC_CACHE_DIR: join(place, 'restic-cache') };
  const run = (...parameters: string[]) =>
    measure('restic', ['--quiet', '--repo', repository(), ...parameters], { env });
  return {
    name: 'restic',
    async prepare() {
      round += 1;
      await run('init');
    },
    backup: async (source) => (await run('backup', source)).seconds,
    restore: async (target) => (await run('restore', 'latest', '--target', target)).seconds,
    size: () => sizeOf(repository()),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
