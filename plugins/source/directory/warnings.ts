/** Warnings and errors about files, in the words of the catalogue. */
import { pathToText } from '../../../src/contracts/index.ts';
import type { Warning } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';

/** `error` as a warning about `subject`. */
export const warningOf = (error: StrongroomError, subject: string): Warning => ({
  code: error.code,
  subject,
  message: error.message,
});

/** The code of a failed system call (`ENOENT`), if `thrown` has one. */
export const systemCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown && typeof thrown.code === 'string' ? thrown.code : undefined;

/** Why a call failed, in a word or a sentence. */
export const reasonOf = (thrown: unknown): string =>
  systemCode(thrown) ?? (thrown instanceof Error ? thrown.message : String(thrown));

export const isMissing = (thrown: unknown): boolean => ['ENOENT', 'ENOTDIR'].includes(systemCode(thrown) ?? '');
export const isDenied = (thrown: unknown): boolean => ['EACCES', 'EPERM'].includes(systemCode(thrown) ?? '');

/** What a failed look at a file below a source means for a backup: it vanished, or it can't be read. */
export function unreadable(path: Uint8Array, thrown: unknown): Warning {
  const text = pathToText(path);
  const error = isMissing(thrown)
    ? new StrongroomError('SOURCE_FILE_VANISHED', { path: text })
    : new StrongroomError('SOURCE_FILE_UNREADABLE', { path: text, reason: reasonOf(thrown) });
  return warningOf(error, text);
}
