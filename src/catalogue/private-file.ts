/** Small files that only their owner may read: keys and passwords. */
import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, stat, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { StrongroomError } from '../errors.ts';

/** The file's text, or `undefined` if there is none. Throws `CONFIGURATION_INVALID` if others may read it. */
export async function readPrivateFile(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & 0o077) !== 0) {
      const octal = (mode & 0o777).toString(8).padStart(4, '0');
      throw new StrongroomError('CONFIGURATION_INVALID', {
        reason: `the file ${path} has mode ${octal}, so that others may use it; set it with "chmod 600 ${path}".`,
      });
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isCode(error, 'ENOENT')) return undefined;
    if (isCode(error, 'EACCES')) {
      throw new StrongroomError('CONFIGURATION_INVALID', { reason: `the file ${path} can't be read by this user.` });
    }
    throw error;
  }
}

/**
 * The file's text, after making it with `content` if there is none. Of several processes that make it at once one wins and
 * all return its content; the file is never seen half written, and survives a power cut once this returns.
 */
export async function readOrCreatePrivateFile(path: string, content: () => string): Promise<string> {
  const present = await readPrivateFile(path);
  if (present !== undefined) return present;
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${randomBytes(8).toString('hex')}.tmp`;
  const text = content();
  try {
    await writeDurably(draft, text);
    // Unlike a rename, a link never replaces what another process has put there.
    await link(draft, path);
    await syncDirectory(dirname(path));
    return text;
  } catch (error) {
    const winner = isCode(error, 'EEXIST') ? await readPrivateFile(path) : undefined;
    if (winner === undefined) throw error;
    return winner;
  } finally {
    await unlink(draft).catch((error: unknown) => {
      if (!isCode(error, 'ENOENT')) throw error;
    });
  }
}

async function writeDurably(path: string, text: string): Promise<void> {
  await using file = await open(path, 'wx', 0o600);
  await file.writeFile(text);
  await file.sync();
}

async function syncDirectory(path: string): Promise<void> {
  await using directory = await open(path, 'r');
  await directory.sync();
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code;
