/** What the server's user can reach. Asked of the system by trying, so that groups and access lists count. */
import { chmod, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { execa } from 'execa';
import { StrongroomError } from '../../errors.ts';
import type { ServerAccount } from './account.ts';

/** Prints the first directory that can't be entered. */
const ENTER_EACH = 'for path; do cd -- "$path" 2>/dev/null || { printf %s "$path"; exit 1; }; done';

/** Runs a program as the server's user with an environment of its own; gives its exit code and output, and never rejects. */
export const runAs = (account: ServerAccount, program: string, args: readonly string[]) =>
  execa(program, args, { ...account.ids, cwd: '/', env: SERVER_ENVIRONMENT, extendEnv: false, reject: false });

/** Nothing of the service's own environment concerns the server. */
export const SERVER_ENVIRONMENT = { LC_ALL: 'C', PATH: '/usr/bin:/bin' };

/**
 * Lets the server's user pass through `directories`, which are Strongroom's own: through, not in, what lies there keeps
 * its own modes. Throws `CONFIGURATION_INVALID` if a directory above them shuts it out, which is not ours to change.
 */
export async function openWay(account: ServerAccount, directories: readonly string[]): Promise<void> {
  for (const directory of directories) {
    const closed = await firstClosed(account, directory);
    if (closed === undefined) continue;
    if (closed !== directory) throw shutOut(account, directory, closed);
    const { mode } = await stat(directory);
    await chmod(directory, (mode & 0o7777) | 0o011);
    if ((await firstClosed(account, directory)) !== undefined) throw shutOut(account, directory, directory);
  }
}

/** The uppermost directory on the way to and including `directory` that the server's user can't enter. */
async function firstClosed(account: ServerAccount, directory: string): Promise<string | undefined> {
  if (account.ids.uid === undefined) return undefined;
  const result = await runAs(account, '/bin/sh', ['-c', ENTER_EACH, 'sh', ...wayTo(directory)]);
  return result.exitCode === 0 ? undefined : result.stdout || directory;
}

function wayTo(directory: string): string[] {
  const parent = dirname(directory);
  return parent === directory ? [directory] : [...wayTo(parent), directory];
}

const shutOut = (account: ServerAccount, directory: string, closed: string): StrongroomError =>
  new StrongroomError('CONFIGURATION_INVALID', {
    reason:
      `the embedded PostgreSQL runs as the user ${account.name}, who can't enter ${closed} on the way to ${directory}; ` +
      `choose another STRONGROOM_DATA_DIR, run "chmod o+x ${closed}", or set DATABASE_URL.`,
  });
