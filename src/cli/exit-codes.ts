/** Exit codes: a promise to scripts, never given another meaning. */
import { errorCatalogue } from '../errors.ts';
import type { ErrorCategory } from '../errors.ts';

export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  partial: 3,
  notFound: 4,
  conflict: 5,
  access: 6,
  unreachable: 7,
  cancelled: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit codes as help and documentation show them. */
export const exitCodeMeanings: readonly (readonly [ExitCode, string])[] = [
  [exitCodes.ok, 'it worked'],
  [exitCodes.failed, 'it failed: the run failed, or a backup is not sound'],
  [exitCodes.usage, 'wrong usage: an argument or a configuration is wrong'],
  [exitCodes.partial, 'partly: the run ended with warnings'],
  [exitCodes.notFound, 'not found'],
  [exitCodes.conflict, 'conflict: the state of things does not allow it now'],
  [exitCodes.access, 'no access: the token is missing, wrong or may not do it'],
  [exitCodes.unreachable, "the server can't be reached"],
  [exitCodes.cancelled, 'cancelled'],
];

const byCategory: Readonly<Record<ErrorCategory, ExitCode>> = {
  input: exitCodes.usage,
  missing: exitCodes.notFound,
  conflict: exitCodes.conflict,
  access: exitCodes.access,
  damage: exitCodes.failed,
  unavailable: exitCodes.failed,
  cancelled: exitCodes.cancelled,
  internal: exitCodes.failed,
};

const categories = new Map<string, ErrorCategory>(
  Object.entries(errorCatalogue).map(([code, { category }]) => [code, category]),
);

/** The exit code for an error with that code of the catalogue. */
export function exitCodeFor(code: string): ExitCode {
  if (code === 'SERVER_UNREACHABLE') return exitCodes.unreachable;
  const category = categories.get(code);
  return category === undefined ? exitCodes.failed : byCategory[category];
}

/** The exit code for a run that ended with that status. */
export function exitCodeForStatus(status: string): ExitCode {
  if (status === 'SUCCEEDED') return exitCodes.ok;
  if (status === 'PARTIAL') return exitCodes.partial;
  return status === 'CANCELLED' ? exitCodes.cancelled : exitCodes.failed;
}
