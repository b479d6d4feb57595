/** Secrets, from where they can be given without showing up in a process list or a shell's history. */
import { readFile } from 'node:fs/promises';
import { StrongroomError } from '../../errors.ts';
import type { CommandLineDeps, InputStream } from '../deps.ts';
import { usageError } from './usage.ts';

/** Longest secret that is read, in bytes. */
const LONGEST = 64 * 1024;

async function readAll(stream: InputStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of stream) {
    const bytes = Buffer.from(chunk);
    length += bytes.length;
    if (length > LONGEST) break;
    chunks.push(bytes);
  }
  return Buffer.concat(chunks);
}

/** The bytes of a file, or of standard input for `-`. `option` names what asked for it, for errors. */
export async function readSecretBytes(path: string, option: string, stdin: InputStream): Promise<Buffer> {
  const bytes = await (path === '-' ? readAll(stdin) : readFile(path)).catch((error: unknown) => {
    const reason = error instanceof Error ? error.message : String(error);
    throw usageError(option, `${path} can't be read: ${reason}`, error);
  });
  if (bytes.length === 0) throw usageError(option, `${path} is empty`);
  if (bytes.length > LONGEST) throw usageError(option, `${path} holds more than 64 KiB`);
  return bytes;
}

/** As `readSecretBytes`, as text without the line end after it. */
export async function readSecretText(path: string, option: string, stdin: InputStream): Promise<string> {
  const bytes = await readSecretBytes(path, option, stdin);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes).replace(/\r?\n$/u, '');
  } catch (error) {
    throw usageError(option, `${path} is no UTF-8 text`, error);
  }
}

/** The access token: the file named with `--token-file` before the environment. */
export async function readToken(
  { environment, stdin }: Pick<CommandLineDeps, 'environment' | 'stdin'>,
  tokenFile: string | undefined,
): Promise<string | undefined> {
  const token =
    tokenFile === undefined ? environment.token : (await readSecretText(tokenFile, '--token-file', stdin)).trim();
  // A header can't carry anything else; fetch would report it without saying what to do.
  if (token !== undefined && !/^[\u0021-\u007E]+$/u.test(token)) {
    throw new StrongroomError('TOKEN_REFUSED', { url: 'any address', reason: 'the one given is no token' });
  }
  return token;
}
