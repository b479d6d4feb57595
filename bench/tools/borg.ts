/** borg with encryption and zstd,3. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { measure, sizeOf } from '../process.ts';
import type { Tool } from './tool.ts';

export function borg(place: string): Tool {
  let round = 0;
  let archive = 0;
  const repository = (): string => join(place, `borg-${round}`);
  const env = {
    BORG_PASSPHRASE: 'benchmark',
    BORG_BASE_DIR: join(place, 'borg-base'),
    BORG_RELOCATED_REPO_ACCESS_IS_OK: 'yes',
  };
  return {
    name: 'borg zstd,3',
    async prepare() {
      round += 1;
      await measure('borg', ['init', '--encryption=repokey', repository()], { env });
    },
    async backup(source) {
      archive += 1;
      return (
        await measure('borg', ['create', '--compression', 'zstd,3', `${repository()}::a${archive}`, source], { env })
      ).seconds;
    },
    async restore(target) {
      await mkdir(target, { recursive: true });
      return (await measure('borg', ['extract', `${repository()}::a${archive}`], { env, cwd: target })).seconds;
    },
    size: () => sizeOf(repository()),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
