/** The warnings of a run, as much of them as was asked for. */
import { StrongroomError } from '../errors.ts';
import type { StoredWarning } from './stored-json.ts';

const most = 1_000;

/** The argument `first` of every `warnings` field. */
export const warningsArgument = {
  required: true,
  defaultValue: 100,
  description: `How many of them, the first first; at most ${most}.`,
} as const;

/** The first of them. Throws `INPUT_INVALID` for a number out of range. */
export function firstWarnings(warnings: readonly StoredWarning[], first: number): StoredWarning[] {
  if (first < 0 || first > most) {
    throw new StrongroomError('INPUT_INVALID', { field: 'first', reason: `ask for 0 to ${most} warnings.` });
  }
  return warnings.slice(0, first);
}
