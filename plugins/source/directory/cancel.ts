/** Cancellation, as the catalogue words it. */
import { StrongroomError } from '../../../src/errors.ts';

/** Throws `CANCELLED` once `signal` is aborted. */
export function throwIfCancelled(signal: AbortSignal): void {
  if (signal.aborted) throw new StrongroomError('CANCELLED', {}, { cause: signal.reason });
}
