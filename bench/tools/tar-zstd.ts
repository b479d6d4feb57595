/** tar | zstd -3 -T2: neither encryption nor deduplication; the yardstick of what a plain copy costs. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import type { BackupTool } from './tool.ts';

export function tarZstd({ place, run }: Bench): BackupTool {
  const repository = join(place, 'tar.zst');
  let source = '';
  return {
    name: 'tar | zstd -3 -T2',
    repository,
    async prepare(of) {
      source = of;
      await rm(repository, { force: true });
    },
    backup: () => run('bash', ['-c', 'set -o pipefail; tar -c -C "$0" . | zstd -q -3 -T2 -o "$1"', source, repository]),
  };
}
