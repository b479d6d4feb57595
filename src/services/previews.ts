/** What a restore would do, before it is done. */
import type { PreviewResult } from '../engine/operations.ts';
import type { ServiceParts } from './deps.ts';
import { checkedRestore } from './restore-input.ts';
import { type CreateRestoreInput, restoreOrder } from './restores.ts';
import { signalled } from './rows.ts';

export interface PreviewRestoreInput extends CreateRestoreInput {
  /** Whether rows at the target are counted, not estimated; false when absent. */
  readonly exactRows?: boolean;
}

export interface Previews {
  /** Changes nothing. Rejects as `Restores.create` does, and with what the engine met. */
  restore(input: PreviewRestoreInput, signal?: AbortSignal): Promise<PreviewResult>;
}

type Parts = Pick<ServiceParts, 'prisma' | 'engine' | 'access' | 'host' | 'ids'>;

export function createPreviews(parts: Parts): Previews {
  return {
    async restore({ exactRows = false, ...input }, signal) {
      const { engineInput } = await checkedRestore(parts, await restoreOrder(parts, input));
      return parts.engine.run('previewRestore', { ...engineInput, exactRows }, signalled(signal));
    },
  };
}
