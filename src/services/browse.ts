/** Looks inside a backup. */
import { z } from 'zod';
import type { TreeEntry } from '../engine/operations.ts';
import type { ServiceParts } from './deps.ts';
import { parseInput } from './input.ts';
import { signalled } from './rows.ts';
import { snapshotOf } from './snapshots.ts';

export interface ListTreeInput {
  readonly backupId: string;
  /** Path as text; `/`, the default, lists the content kinds. */
  readonly path?: string;
  /** Name to start after. */
  readonly after?: string;
  /** 1 to 1,000; 100 when absent. */
  readonly limit?: number;
}

export interface TreePage {
  readonly entries: readonly TreeEntry[];
  readonly hasMore: boolean;
}

/** Rejects with `OBJECT_NOT_FOUND`, `STATE_CONFLICT` (no snapshot yet), `SNAPSHOT_PATH_NOT_FOUND`, and what the engine met. */
export interface Browse {
  list(input: ListTreeInput, signal?: AbortSignal): Promise<TreePage>;
  stat(backupId: string, path: string, signal?: AbortSignal): Promise<TreeEntry>;
  /** The bytes of one file, in order, checked; pulled by the reader. Leaving the iteration ends the reading. */
  read(backupId: string, path: string, signal?: AbortSignal): AsyncIterable<Uint8Array>;
}

const mostEntries = 1_000;
const path = z.string().max(8_192, 'must have at most 8,192 characters').startsWith('/', 'must start with /');
const listed = z.strictObject({
  backupId: z.string(),
  path: path.default('/'),
  after: z.string().max(8_192, 'must have at most 8,192 characters').optional(),
  limit: z.int().min(1, 'must be at least 1').max(mostEntries, 'must be at most 1,000').default(100),
});
const entry = z.strictObject({ path });

type Parts = Pick<ServiceParts, 'prisma' | 'engine' | 'access'>;

export function createBrowse(parts: Parts): Browse {
  const { engine } = parts;
  const placeOf = async (backupId: string) => {
    const { repository, snapshotId } = await snapshotOf(parts, backupId);
    return { repository, snapshotId };
  };
  async function* read(backupId: string, file: string, signal?: AbortSignal): AsyncGenerator<Uint8Array> {
    parseInput(entry, { path: file });
    yield* engine.readFile({ ...(await placeOf(backupId)), path: file }, signal);
  }
  return {
    async list(input, signal) {
      const { backupId, path: folder, after, limit } = parseInput(listed, input);
      const place = await placeOf(backupId);
      // One more than asked tells whether there is more; the engine gives a thousand at most.
      const wanted = Math.min(limit + 1, mostEntries);
      const page = { path: folder, limit: wanted, ...(after !== undefined && { after }) };
      const entries = await engine.run('listTree', { ...place, ...page }, signalled(signal));
      return { entries: entries.slice(0, limit), hasMore: entries.length > limit || entries.length === mostEntries };
    },
    async stat(backupId, given, signal) {
      parseInput(entry, { path: given });
      return engine.run('statEntry', { ...(await placeOf(backupId)), path: given }, signalled(signal));
    },
    read,
  };
}
