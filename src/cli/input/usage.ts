/** Wrong usage, reported the same way everywhere. */
import { StrongroomError } from '../../errors.ts';

/** The error for an option or argument that is wrong. */
export const usageError = (field: string, reason: string, cause?: unknown): StrongroomError<'INPUT_INVALID'> =>
  new StrongroomError('INPUT_INVALID', { field, reason }, { cause });
