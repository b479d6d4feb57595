/** restic, with its defaults. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import type { Tool } from './tool.ts';

/** @param input whether the source is a file that restic reads from its standard input */
export function restic({ place, run }: Bench, input: 'folder' | 'stdin' = 'folder'): Tool {
  const repository = join(place, 'restic');
  const cache = join(place, 'restic-cache');
  const env = { RESTIC_REPOSITORY: repository, RESTIC_PASSWORD: 'benchmark', RESTIC_CACHE_DIR: cache };
  const command = (...parameters: string[]) => run('restic', ['--quiet', ...parameters], { env });
  let source = '';
  return {
    name: 'restic',
    repository,
    async prepare(of) {
      source = of;
      await rm(repository, { recursive: true, force: true });
      await rm(cache, { recursive: true, force: true });
      await command('init');
    },
    backup: () =>
      input === 'folder'
        ? command('backup', source)
        : run('bash', ['-c', 'exec restic --quiet backup --stdin < "$0"', source], { env }),
    restore: (target, path) =>
      command(
        'restore',
        'latest',
        '--target',
        target,
        ...(path === undefined ? [] : ['--include', join(source, path)]),
      ),
    verify: () => command('check', '--read-data'),
  };
}
