/** Wrong usage, reported the same way everywhere. */
import { StrongroomError } from '../../errors.ts';
import type { ErrorCode, ErrorDetails } from '../../errors.ts';

/** The error for an option or argument that is wrong. */
export const usageError = (field: string, reason: string, cause?: unknown): StrongroomError<'INPUT_INVALID'> =>
  new StrongroomError('INPUT_INVALID', { field, reason }, { cause });

/** An error of the catalogue with help of its own, for what the command line knows better. */
export class CommandError<C extends ErrorCode = ErrorCode> extends StrongroomError<C> {
  readonly #help: string;

  constructor(code: C, details: ErrorDetails<C>, help: string) {
    super(code, details);
    this.#help = help;
  }

  override get help(): string {
    return this.#help;
  }
}
