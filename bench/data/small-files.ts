/** Many small files: folders of 200, each file of 1 to 16 KB, the first half of it text, the second noise. */
import { writeFileSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { Noise, rows } from './bytes.ts';
import type { Making } from './making.ts';

const A_FOLDER = 200;
const USUAL_LENGTHS = [1000, 16_000] as const;

export interface SmallFiles {
  readonly seed: string;
  /** Of 200 files each. */
  readonly folders: number;
  /** Bytes that the shortest and the longest file have; 1 to 16 KB when absent. */
  readonly lengths?: readonly [least: number, most: number];
}

/** Makes the files below `root`, or gives those that are there other contents. */
export async function makeSmallFiles(
  root: string,
  { seed, folders, lengths }: SmallFiles,
  { scale, signal }: Making,
): Promise<void> {
  const contents = new Contents(seed, lengths);
  for (let folder = 0; folder < scaledFolders(folders, scale); folder++) {
    signal.throwIfAborted();
    const path = join(root, ...folderPath(folder));
    await mkdir(path, { recursive: true });
    for (let file = 0; file < A_FOLDER; file++) writeFileSync(join(path, fileName(file)), contents.next());
  }
}

/** Gives one in a hundred of the files that `makeSmallFiles` made other contents. */
export function changeSmallFiles(root: string, { seed, folders, lengths }: SmallFiles, { scale }: Making): void {
  const random = new Noise(`${seed} choice`);
  const contents = new Contents(seed, lengths);
  const count = scaledFolders(folders, scale) * A_FOLDER;
  const chosen = new Set<number>();
  while (chosen.size < count / 100) chosen.add(random.number(count));
  for (const file of chosen) {
    const path = join(root, ...folderPath(Math.floor(file / A_FOLDER)), fileName(file % A_FOLDER));
    writeFileSync(path, contents.next());
  }
}

const scaledFolders = (folders: number, scale: number): number => Math.max(2, Math.round(folders * scale));

/** Two halves, `a` and `b`, each a tree of its own. */
const folderPath = (folder: number): readonly string[] => [
  folder % 2 === 0 ? 'a' : 'b',
  String(folder % 50).padStart(2, '0'),
  String(folder),
];
const fileName = (file: number): string => `f${file}.dat`;

/** Contents of one file after another. No text comes twice: what lies beside each other in a block is not more alike than real files. */
class Contents {
  readonly #random: Noise;
  readonly #rows: Generator<Buffer>;
  readonly #lengths: readonly [number, number];
  #text: Buffer = Buffer.alloc(0);

  constructor(seed: string, lengths: readonly [number, number] = USUAL_LENGTHS) {
    this.#lengths = lengths;
    this.#random = new Noise(seed);
    this.#rows = rows(`${seed} text`);
  }

  next(): Buffer {
    const [least, most] = this.#lengths;
    const length = least + this.#random.number(most + 1 - least);
    const half = Math.floor(length / 2);
    if (this.#text.length < half) this.#text = this.#rows.next().value as Buffer;
    const text = this.#text.subarray(0, half);
    this.#text = this.#text.subarray(half);
    return Buffer.concat([text, this.#random.bytes(length - half)]);
  }
}
