/** A failure that the API reported: its code, message and help are the server's, its values already in place. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly code: string;
  readonly help: string;

  constructor(failure: { readonly code: string; readonly message: string; readonly help: string }) {
    super(failure.message);
    this.code = failure.code;
    this.help = failure.help;
  }
}

/** Whether that is a failure with this code, whoever reported it. */
export const hasCode = (thrown: unknown, code: string): boolean =>
  thrown instanceof Error && 'code' in thrown && thrown.code === code;
