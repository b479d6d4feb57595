/** Copies of index objects on this machine, for storage that is far away. They are sealed as they are stored, and may be deleted at any time. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { threadId } from 'node:worker_threads';
import { objectKeys } from './format.ts';
import { RECORD_MAX } from './record.ts';

/**
 * One folder for each repository. Whatever the file system says against reading or writing it is no failure: the repository has
 * everything that is here. What is read is checked by whoever reads it.
 */
export class IndexCache {
  readonly #folder: string;

  /** @param folder is made when something is kept; nothing else may lie in it */
  constructor(folder: string) {
    this.#folder = folder;
  }

  /** The copy of an index object, as far as it can be read. */
  async read(id: string): Promise<Uint8Array | undefined> {
    return quietly(async () => {
      await using file = await open(join(this.#folder, id), 'r');
      const { size } = await file.stat();
      if (size > RECORD_MAX) return undefined;
      const bytes = Buffer.allocUnsafeSlow(size);
      const { bytesRead } = await file.read(bytes, 0, size, 0);
      return bytes.subarray(0, bytesRead);
    });
  }

  /** Keeps a copy, in the place of one that is there. */
  async write(id: string, bytes: Uint8Array): Promise<void> {
    const path = join(this.#folder, id);
    const temporary = `${path}.${process.pid}.${threadId}`;
    await quietly(async () => {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      try {
        await using file = await open(temporary, 'w', 0o600);
        await file.writeFile(bytes);
      } catch (error) {
        await rm(temporary, { force: true });
        throw error;
      }
      await rename(temporary, path);
    });
  }

  /** Removes every copy but those of the index objects of these keys. */
  async keep(keys: ReadonlySet<string>): Promise<void> {
    await quietly(async () => {
      for (const name of await readdir(this.#folder)) {
        if (!keys.has(objectKeys.indexObject(name)))
          await rm(join(this.#folder, name), { recursive: true, force: true });
      }
    });
  }
}

async function quietly<T>(action: () => Promise<T>): Promise<T | undefined> {
  try {
    return await action();
  } catch (error) {
    if (error instanceof Error && 'syscall' in error) return undefined;
    throw error;
  }
}
