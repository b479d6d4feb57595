/** Directories that vanish with the test. */
import { mkdtemp, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface TempDir extends AsyncDisposable {
  /** Absolute, links resolved, mode 0700. */
  readonly path: string;
  /** A path inside the directory. */
  join(...segments: string[]): string;
}

/** Makes an empty directory; disposing removes it with all that is in it. */
export async function makeTempDir(name = 'test'): Promise<TempDir> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `strongroom-${name}-`)));
  return {
    path,
    join: (...segments) => join(path, ...segments),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true, maxRetries: 3 }),
  };
}
