/**
 * What earlier attempts of one restore have done, kept in the data directory: what they put in place must not count as a conflict when
 * the restore is taken up again, and what they had to leave out must not be forgotten.
 */
import { mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const sourceOutcome = z.object({
  files: z.number(),
  bytes: z.number(),
  tables: z.array(z.object({ name: z.string(), rows: z.number().exactOptional(), bytes: z.number().exactOptional() })),
  warnings: z.array(z.object({ code: z.string(), subject: z.string(), message: z.string() })),
  warningCount: z.number(),
});

/** What the restore of one source came to. */
export type SourceOutcome = z.output<typeof sourceOutcome>;

const BEGUN = '.begun';
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
    const names = await readdir(directory);
    const outcomes = new Map<string, SourceOutcome>();
    for (const name of names.filter((one) => one.endsWith('.json'))) {
      const kept: unknown = JSON.parse(await readFile(join(directory, name), 'utf8'));
      outcomes.set(name.slice(0, -'.json'.length), sourceOutcome.parse(kept));
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

  async add(source: string, outcome: SourceOutcome): Promise<void> {
    await writeFile(join(this.#directory, `${source}.json`), JSON.stringify(outcome), { flush: true });
    this.#outcomes.set(source, outcome);
  }

  /** Leaves the journal for a retry, unless nothing was begun. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#begun) await rm(this.#directory, { recursive: true, force: true });
  }
}

async function removeOld(all: string, current: string, now: Date): Promise<void> {
  for (const name of await readdir(all)) {
    if (name === current) continue;
    const { mtimeMs } = await stat(join(all, name));
    if (now.getTime() - mtimeMs > KEPT_MS) await rm(join(all, name), { recursive: true, force: true });
  }
}
