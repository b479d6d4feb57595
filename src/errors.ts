/** The errors of Strongroom; their codes are in `error-catalogue.ts`. */
import { errorCatalogue, type ErrorCategory, type ErrorCode, type ErrorDetails } from './error-catalogue.ts';

export { errorCatalogue, type ErrorCategory, type ErrorCode, type ErrorDetails } from './error-catalogue.ts';

const fill = (template: string, details: Readonly<Record<string, string | number>>): string =>
  template.replaceAll(/\{(\w+)\}/g, (whole, name: string) => String(details[name] ?? whole));

/** An error with a code of the catalogue: the only kind that Strongroom throws on purpose. Holds no secret. */
export class StrongroomError<C extends ErrorCode = ErrorCode> extends Error {
  override readonly name = 'StrongroomError';
  readonly code: C;
  /** What the message is made of, for programs. */
  readonly details: Readonly<Record<string, string | number>>;

  constructor(code: C, details: ErrorDetails<C>, options?: { cause?: unknown }) {
    super(fill(errorCatalogue[code].message, details), options);
    this.code = code;
    this.details = details;
  }

  get category(): ErrorCategory {
    return errorCatalogue[this.code].category;
  }

  /** What to do about it, in words. */
  get help(): string {
    return fill(errorCatalogue[this.code].help, this.details);
  }
}

/** An error as plain data, to cross a thread or be kept in a row. */
export interface ErrorData {
  readonly code: ErrorCode;
  readonly details: Readonly<Record<string, string | number>>;
}

/**
 * Any thrown value as a catalogued error: one that a plugin made by its own copy of this file keeps its code, everything
 * else becomes `INTERNAL`; the value is kept as the cause.
 */
export function asStrongroomError(thrown: unknown): StrongroomError {
  if (thrown instanceof StrongroomError) return thrown;
  if (isErrorData(thrown)) return errorFromData(thrown, thrown);
  const reason = thrown instanceof Error ? thrown.message : String(thrown);
  return new StrongroomError('INTERNAL', { reason }, { cause: thrown });
}

/** The error that `data` describes. */
export const errorFromData = (data: ErrorData, cause?: unknown): StrongroomError =>
  new StrongroomError(data.code, data.details, cause === undefined ? {} : { cause });

const isErrorData = (value: unknown): value is ErrorData =>
  value instanceof Error &&
  'code' in value &&
  typeof value.code === 'string' &&
  Object.hasOwn(errorCatalogue, value.code) &&
  'details' in value &&
  typeof value.details === 'object' &&
  value.details !== null;

/** An error as plain data; see `errorFromData`. */
export const errorToData = (error: StrongroomError): ErrorData => ({ code: error.code, details: error.details });
