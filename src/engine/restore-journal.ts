/**
 * What earlier attempts of one restore have done, kept in the data directory: what they put in place must not count as a conflict when
 * the restore is taken up again, and what they had to leave out must not be forgotten.
 *
 *     <data directory>/restores/<restore>/
 *       .begun                 see `begun`
 *       <source>.json          outcomes that survive a power cut, as does what they tell of
 *       <boot>/<source>.json   outcomes that count only until the machine is started anew
 */
import { mkdir, open, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { bootId } from '../contracts/index.ts';

const sourceOutcome = z.object({
  files: z.number(),
  bytes: z.number(),
  tables: z.array(
    z.object({
      name: z.string(),
      rows: z.number().exactOptional(),
      bytes: z.number().exactOptional(),
      checksum: z.string().exactOptional(),
    }),
  ),
  /** Whether something was replaced and is kept; absent means no. */
  previousKept: z.boolean().exactOptional(),
  warnings: z.array(z.object({ code: z.string(), subject: z.string(), message: z.string() })),
  warningCount: z.number(),
});

/** What the restore of one source came to. */
export type SourceOutcome = z.output<typeof sourceOutcome>;

const BEGUN = '.begun';
const SUFFIX = '.json';
/** Of an outcome that is still being written. */
const UNFINISHED = '.part';
/** Long after a run has ended, nobody asks for its journal any more. */
const KEPT_MS = 30 * 24 * 3600 * 1000;

export class RestoreJournal implements AsyncDisposable {
  readonly #directory: string;
  readonly #outcomes: Map<string, SourceOutcome>;
  #begun: boolean;

  private constructor(directory: string, begun: boolean, outcomes: Map<string, SourceOutcome>) {
    this.#directory = directory;
    this.#begun = begun;
    this.#outcomes = outcomes;
  }

  static async open(dataDirectory: string, restoreId: string, now: Date): Promise<RestoreJournal> {
    const all = join(dataDirectory, 'restores');
    const directory = join(all, restoreId);
    await mkdir(directory, { recursive: true, mode: 0o700 });
    await removeOld(all, restoreId, now);
    const boot = bootId();
    const outcomes = new Map(await outcomesIn(directory));
    const names = await readdir(directory);
    if (boot !== undefined && names.includes(boot)) {
      for (const [source, outcome] of await outcomesIn(join(directory, boot))) outcomes.set(source, outcome);
    }
    return new RestoreJournal(directory, names.includes(BEGUN), outcomes);
  }

  /** True once an attempt has looked for conflicts and found none: from then on things may be in place. */
  get begun(): boolean {
    return this.#begun;
  }

  async begin(): Promise<void> {
    await writeFile(join(this.#directory, BEGUN), '', { flush: true });
    this.#begun = true;
  }

  /** What an earlier attempt made of a source that it finished. */
  outcome(source: string): SourceOutcome | undefined {
    return this.#outcomes.get(source);
  }

  /**
   * Keeps what was made of a source.
   *
   * @param durable whether what was put in place is flushed. Else this isn't either: it would wait for all of that to reach the disk, and
   * then claim more than is true after a power cut
   */
  async add(source: string, outcome: SourceOutcome, durable: boolean): Promise<void> {
    const boot = durable ? undefined : bootId();
    const folder = boot === undefined ? this.#directory : join(this.#directory, boot);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const file = join(folder, `${source}${SUFFIX}`);
    await writeFile(`${file}${UNFINISHED}`, JSON.stringify(outcome), { flush: boot === undefined });
    await rename(`${file}${UNFINISHED}`, file);
    if (boot === undefined) await flushNames(folder);
    this.#outcomes.set(source, outcome);
  }

  /** Leaves the journal for a retry, unless nothing was begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#begun) await rm(this.#directory, { recursive: true, force: true });
  }
}

/** Makes what was renamed in a folder survive a power cut. */
async function flushNames(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

async function outcomesIn(folder: string): Promise<readonly (readonly [string, SourceOutcome])[]> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(SUFFIX));
  return await Promise.all(
    names.map(async (name) => {
      const kept: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'));
      return [name.slice(0, -SUFFIX.length), sourceOutcome.parse(kept)] as const;
    }),
  );
}

async function removeOld(all: string, current: string, now: Date): Promise<void> {
  for (const name of await readdir(all)) {
    if (name === current) continue;
    const { mtimeMs } = await stat(join(all, name));
    if (now.getTime() - mtimeMs > KEPT_MS) await rm(join(all, name), { recursive: true, force: true });
  }
}
