/** Finds programs of the machine: its own PostgreSQL server and client, and what is in the PATH. */
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where Debian puts the programs of each version, out of the PATH. */
const VERSIONED = '/usr/lib/postgresql';

/**
 * The directory that holds `initdb`, `postgres` and the client programs, or undefined where no server is installed; the newest
 * version where there are several.
 */
export async function findPostgresBinaries(): Promise<string | undefined> {
  const versions = await readdir(VERSIONED).catch(absentMeansNone);
  const candidates = [
    ...versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(VERSIONED, version, 'bin')),
    ...searchPath(),
  ];
  for (const directory of candidates) {
    const found = await Promise.all(
      ['initdb', 'postgres', 'pg_dump', 'pg_restore'].map((name) => isExecutable(join(directory, name))),
    );
    if (found.every(Boolean)) return directory;
  }
  return undefined;
}

/** True when the PATH leads to a program of that name. */
export const isInstalled = async (program: string): Promise<boolean> => (await findProgram(program)) !== undefined;

/** Where servers' programs are that not everybody has in the PATH. */
const SYSTEM = ['/usr/local/sbin', '/usr/sbin'];

/** The absolute path of a program. */
export async function findProgram(program: string): Promise<string | undefined> {
  for (const directory of [...searchPath(), ...SYSTEM]) {
    const path = join(directory, program);
    if (await isExecutable(path)) return path;
  }
  return undefined;
}

const searchPath = (): readonly string[] =>
  (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

function absentMeansNone(error: unknown): string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
