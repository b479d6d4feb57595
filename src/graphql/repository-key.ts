/** The key of a repository as a request gives it. */
import { StrongroomError } from '../errors.ts';
import type { KeyInput } from '../services/repositories.ts';

/** Longest key file in characters of base64: 64 KiB of bytes. */
const longestKeyFile = 4 * Math.ceil((64 * 1024) / 3);

interface KeyFields {
  readonly passphrase?: string | null | undefined;
  readonly keyFile?: string | null | undefined;
}

/** The key for the services. Throws `INPUT_INVALID` naming the field that is wrong; never with its value. */
export function repositoryKey({ passphrase, keyFile }: KeyFields): KeyInput {
  const wrong = (field: string, reason: string): StrongroomError =>
    new StrongroomError('INPUT_INVALID', { field, reason });
  if (typeof keyFile !== 'string') return typeof passphrase === 'string' ? { passphrase } : {};
  if (typeof passphrase === 'string') throw wrong('keyFile', 'give a passphrase or a key file, not both.');
  const compact = keyFile.replaceAll(/\s/gu, '');
  if (compact.length > longestKeyFile) throw wrong('keyFile', 'a key file has at most 64 KiB.');
  if (!/^[A-Za-z0-9+/]*={0,2}$/u.test(compact) || compact.length % 4 === 1) {
    throw wrong('keyFile', 'this is not base64; send the bytes of the file in base64.');
  }
  return { keyFile: new Uint8Array(Buffer.from(compact, 'base64')) };
}
