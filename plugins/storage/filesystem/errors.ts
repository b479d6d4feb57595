/** What the operating system says, in the words of the storage contract. */
import { StrongroomError } from '../../../src/errors.ts';

const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';

/** True for "there is nothing under that name", also where a folder of the way is a file. */
export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(codeOf(error));

/** True for "there is something under that name already". */
export const isThere = (error: unknown): boolean => codeOf(error) === 'EEXIST';

/** The error of the storage contract for whatever `error` is; `operation` says what was tried, on which key. */
export function storageError(error: unknown, operation: string, key: string): StrongroomError {
  if (error instanceof StrongroomError) return error;
  const reason = error instanceof Error ? error.message : String(error);
  const options = { cause: error };
  switch (codeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new StrongroomError('STORAGE_FULL', { key }, options);
    case 'EACCES':
    case 'EPERM':
    case 'EROFS':
      return new StrongroomError('STORAGE_DENIED', { operation: `to ${operation} ${key}`, reason }, options);
    case 'ELOOP':
      return linkRefused(operation, key);
    case 'ENOENT':
    case 'ENOTDIR':
    case 'EISDIR':
      return new StrongroomError('STORAGE_OBJECT_MISSING', { key }, options);
    default:
      return new StrongroomError('STORAGE_UNAVAILABLE', { reason: `${operation} ${key}: ${reason}` }, options);
  }
}

/** Something on the way to `key` is a symbolic link, which might lead out of the repository. */
export const linkRefused = (operation: string, key: string): StrongroomError =>
  new StrongroomError('STORAGE_DENIED', {
    operation: `to ${operation} ${key}`,
    reason: 'a symbolic link lies on its path, and links inside a repository are not followed',
  });

/** Throws `CANCELLED` if `signal` is aborted. */
export function checkSignal(signal: AbortSignal | undefined): void {
  if (signal?.aborted === true) throw new StrongroomError('CANCELLED', {}, { cause: signal.reason });
}
