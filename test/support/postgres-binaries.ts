/** Finds the machine's own PostgreSQL server and client programs. */
import { access, constants, readdir } from 'node:fs/promises';
import { delimiter, join } from 'node:path';

/** Where distributions put the programs of each version, out of the PATH. */
const VERSIONED = '/usr/lib/postgresql';

/** The directory that holds `initdb`, `postgres` and the client programs; the newest version where there are several. */
export async function findPostgresBinaries(): Promise<string> {
  const versions = await readdir(VERSIONED).catch(absentMeansNone);
  const candidates = [
    ...versions.toSorted((a, b) => Number(b) - Number(a)).map((version) => join(VERSIONED, version, 'bin')),
    ...(process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== ''),
  ];
  for (const directory of candidates) {
    const [initdb, postgres] = await Promise.all([
      isExecutable(join(directory, 'initdb')),
      isExecutable(join(directory, 'postgres')),
    ]);
    if (initdb && postgres) return directory;
  }
  throw new Error(
    'No PostgreSQL server on this machine. `npm test` as root on Debian installs it; else install postgresql.',
  );
}

const isExecutable = (path: string): Promise<boolean> =>
  access(path, constants.X_OK).then(
    () => true,
    () => false,
  );

function absentMeansNone(error: unknown): string[] {
  if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
  throw error;
}
