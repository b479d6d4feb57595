/** Scratch space of runs: folders in the data directory, named by run and source. */
import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';

/** Path of the folder for one source of a run; the same for every attempt. */
export const scratchPath = (dataDirectory: string, name: string): string => join(dataDirectory, 'scratch', name);

/** Removes what a run that was ended by force left behind. */
export async function removeScratch(dataDirectory: string, runId: string): Promise<void> {
  const folder = join(dataDirectory, 'scratch');
  const names = await readdir(folder).catch((error: unknown) => {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  for (const name of names.filter((one) => one.startsWith(`${runId}-`))) {
    await rm(join(folder, name), { recursive: true, force: true });
  }
}
