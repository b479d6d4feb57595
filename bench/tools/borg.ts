/** borg with encryption and zstd,3. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import type { Tool } from './tool.ts';

export function borg({ place, run }: Bench): Tool {
  const repository = join(place, 'borg');
  const base = join(place, 'borg-base');
  const env = { BORG_PASSPHRASE: 'benchmark', BORG_BASE_DIR: base };
  let source = '';
  let archive = 0;
  return {
    name: 'borg zstd,3',
    repository,
    async prepare(of) {
      source = of;
      await rm(repository, { recursive: true, force: true });
      await rm(base, { recursive: true, force: true });
      await run('borg', ['init', '--encryption=repokey', repository], { env });
    },
    backup: () => {
      archive += 1;
      return run('borg', ['create', '--compression', 'zstd,3', `${repository}::a${archive}`, source], { env });
    },
    async restore(target, path) {
      await mkdir(target);
      const only = path === undefined ? [] : [join(source, path).slice(1)];
      return run('borg', ['extract', `${repository}::a${archive}`, ...only], { env, cwd: target });
    },
    verify: () => run('borg', ['check', '--verify-data', repository], { env }),
  };
}
