/** What a restore would do, before it is done. */
import type { PreviewResult } from '../engine/operations.ts';
import type { CreateRestoreInput } from './restores.ts';

export interface Previews {
  /** Changes nothing. Rejects as `Restores.create` does, and with what the engine met. */
  restore(input: CreateRestoreInput, signal?: AbortSignal): Promise<PreviewResult>;
}
