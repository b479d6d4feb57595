/** The data that scenarios share: made when first asked for, below one folder, and changed by nobody. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dumpWithBlobs, MIB, writeFileOf } from './bytes.ts';
import type { Making } from './making.ts';
import { makeMixed } from './mixed.ts';
import { makeSmallFiles } from './small-files.ts';

/** Folders of 200 files in the set of small files. */
export const SMALL_FOLDERS = 1000;
const STREAM_BYTES = 4e9;

export class DataSets {
  readonly #place: string;
  readonly #making: Making;
  readonly #say: (text: string) => void;
  readonly #made = new Map<string, Promise<string>>();

  constructor(place: string, making: Making, say: (text: string) => void) {
    this.#place = place;
    this.#making = making;
    this.#say = say;
  }

  /** A folder of about 1.25 GB: noise, text, small files of software. */
  mixed(): Promise<string> {
    return this.#once('mixed', 'the mixed set', (path) => makeMixed(path, this.#making));
  }

  /** A folder of 200,000 files of 1 to 16 KB, half of them below its folder `a`. */
  smallFiles(): Promise<string> {
    return this.#once('small', '200,000 small files', (path) =>
      makeSmallFiles(path, { seed: 'small', folders: SMALL_FOLDERS }, this.#making),
    );
  }

  /** A folder of 2 GB in 32 files, half of them below its folder `a`: rows and blobs. */
  largeFiles(): Promise<string> {
    return this.#once('large', '2 GB in large files', async (path) => {
      for (let file = 0; file < 32; file++) {
        const half = join(path, file % 2 === 0 ? 'a' : 'b');
        await mkdir(half, { recursive: true });
        await this.#write(join(half, `large-${file}.sql`), 64 * MIB, `large ${file}`);
      }
    });
  }

  /** One file of 4 GB: rows and blobs. */
  stream(): Promise<string> {
    return this.#once('stream.sql', 'a dump of 4 GB', (path) => this.#write(path, STREAM_BYTES, 'stream'));
  }

  #write(path: string, bytes: number, seed: string): Promise<void> {
    const { scale, signal } = this.#making;
    return writeFileOf(path, Math.ceil(bytes * scale), dumpWithBlobs(seed), signal);
  }

  #once(name: string, title: string, make: (path: string) => Promise<void>): Promise<string> {
    const made = this.#made.get(name) ?? this.#make(join(this.#place, name), title, make);
    this.#made.set(name, made);
    return made;
  }

  async #make(path: string, title: string, make: (path: string) => Promise<void>): Promise<string> {
    this.#say(`making ${title}`);
    await mkdir(this.#place, { recursive: true });
    await make(path);
    return path;
  }
}
