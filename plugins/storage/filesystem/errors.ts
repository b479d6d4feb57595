/** What the operating system says, in the words of the storage contract. */
import { constants } from 'node:os';
import { StrongroomError } from '../../../src/errors.ts';

function codeOf(error: unknown): string {
  if (!(error instanceof Error)) return '';
  // Node has a number but no name for a quota that is used up.
  if ('errno' in error && error.errno === -constants.errno.EDQUOT) return 'EDQUOT';
  return 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** True for "there is no file under that name": nothing, a folder, or a name below a file. */
export const isMissing = (error: unknown): boolean => ['ENOENT', 'ENOTDIR', 'EISDIR'].includes(codeOf(error));

/** True for "there is something under that name already". */
export const isThere = (error: unknown): boolean => codeOf(error) === 'EEXIST';

/** True for "that is not for this account". */
export const isRefused = (error: unknown): boolean => ['EACCES', 'EPERM'].includes(codeOf(error));

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
    default:
      return operation === 'read' && isMissing(error)
        ? new StrongroomError('STORAGE_OBJECT_MISSING', { key }, options)
        : new StrongroomError('STORAGE_UNAVAILABLE', { reason: `${operation} ${key}: ${reason}` }, options);
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

/** Runs `action`; what the operating system says against it becomes an error of the storage contract. */
export async function inWords<T>(operation: string, key: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action();
  } catch (error) {
    throw storageError(error, operation, key);
  }
}
