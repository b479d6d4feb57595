/** tar | zstd -3 -T2: neither encryption nor deduplication; the yardstick of what a plain copy costs. */
import { join } from 'node:path';
import { measure, sizeOf } from '../process.ts';
import type { Tool } from './tool.ts';

export function tarZstd(place: string): Tool {
  let round = 0;
  const file = (): string => join(place, `tar-${round}.tar.zst`);
  return {
    name: 'tar | zstd -3 -T2',
    prepare: async () => void (round += 1),
    backup: async (source) =>
      (await measure('bash', ['-c', 'set -o pipefail; tar -c -C "$0" . | zstd -q -3 -T2 -o "$1"', source, file()]))
        .seconds,
    size: () => sizeOf(file()),
    [Symbol.asyncDispose]: async () => undefined,
  };
}
