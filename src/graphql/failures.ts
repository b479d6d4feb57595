/** What callers can expect to go wrong, as answers of mutations: one class a GraphQL error type. */
import { StrongroomError } from '../errors.ts';

/** An expected failure, with the words of its catalogued error. */
export abstract class Failure extends Error {
  readonly code: string;
  readonly help: string;

  constructor(error: StrongroomError) {
    super(error.message, { cause: error });
    this.code = error.code;
    this.help = error.help;
  }
}

export class InvalidInput extends Failure {
  override readonly name = 'InvalidInput';
  /** The input field that is wrong, dots between levels; `input` when it is no single one. */
  readonly field: string;

  constructor(error: StrongroomError) {
    super(error);
    this.field = fieldOf(error) ?? 'input';
  }
}
export class NotFound extends Failure {
  override readonly name = 'NotFound';
}
export class Conflict extends Failure {
  override readonly name = 'Conflict';
}
export class AccessDenied extends Failure {
  override readonly name = 'AccessDenied';
}
export class OperationFailed extends Failure {
  override readonly name = 'OperationFailed';
  readonly retryable: boolean;

  constructor(error: StrongroomError) {
    super(error);
    this.retryable = error.category === 'unavailable';
  }
}

/** The field that an input error names. */
export function fieldOf(error: StrongroomError): string | undefined {
  const { field, kind } = error.details;
  if (typeof field === 'string') return field;
  if (error.code === 'PLUGIN_UNKNOWN') return kind === 'source' ? 'plugin' : `${String(kind)}.plugin`;
  return error.code === 'RESTORE_TARGET_UNSUITABLE' ? 'target' : undefined;
}

/** The typed failure for an error; a defect (`INTERNAL` and its like) stays what it is and is masked later. */
function failureFor(error: StrongroomError): Error {
  switch (error.category) {
    case 'input':
      return new InvalidInput(error);
    case 'missing':
      return new NotFound(error);
    case 'conflict':
      return new Conflict(error);
    case 'access':
      return new AccessDenied(error);
    case 'damage':
    case 'unavailable':
    case 'cancelled':
      return new OperationFailed(error);
    case 'internal':
      return error;
  }
}

/** Runs what a mutation does; a catalogued error becomes the typed failure of its category. */
export async function attempt<T>(action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (thrown) {
    throw thrown instanceof StrongroomError ? failureFor(thrown) : thrown;
  }
}
