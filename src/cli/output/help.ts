/** What to do about errors of the API, in words of the command line. */
import { errorCatalogue } from '../../errors.ts';
import type { ErrorCode } from '../../errors.ts';

const token =
  'Put the token into STRONGROOM_TOKEN, or into a file named with --token-file. ' +
  'No token at hand? With the service stopped, "strongroom token create NAME" works on the machine itself without one.';

const words: Partial<Record<ErrorCode, string>> = {
  INPUT_INVALID: 'Correct it and run the command again.',
  UNAUTHENTICATED: token,
  TOKEN_REFUSED: token,
  DOWNLOAD_LINK_INVALID: 'Run the command again: it asks for a new link.',
  RESTORE_CONFLICT: 'Use --on-conflict overwrite to replace them, --on-conflict skip to keep them, or another target.',
  RESTORE_SKIPPED: 'Use --on-conflict overwrite or another target, if it is wanted.',
};

const isKnown = (code: string): code is ErrorCode => Object.hasOwn(errorCatalogue, code);

/** `help` as the command line says it: the catalogue's words for clients of the API are put into its own. */
export function commandHelp(code: string, help: string): string {
  if (!isKnown(code) || help !== errorCatalogue[code].help) return help;
  return words[code] ?? help;
}
