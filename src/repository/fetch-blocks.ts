/** Fetches sealed blocks with few requests: what lies side by side in a pack comes together. */
import type { StorageTarget } from '../contracts/index.ts';
import { type ErrorData, errorToData } from '../errors.ts';
import { isDamage } from './damage.ts';
import { objectKeys } from './format.ts';
import type { BlockAt } from './lane-protocol.ts';
import type { BlockLocation } from './location-index.ts';

/** Blocks of one pack are fetched together up to this length. */
const FETCH_BYTES = 8 * 2 ** 20;
/** A gap up to this long costs less to read than another request. */
const GAP_BYTES = 256 * 2 ** 10;

/** Part of one pack. */
interface BlockRun {
  readonly pack: string;
  readonly offset: number;
  length: number;
  readonly blocks: BlockLocation[];
}

export interface FetchedBlocks {
  readonly regions: readonly Uint8Array[];
  /** Ascending by pack and place, as they were given. */
  readonly blocks: readonly BlockAt[];
}

/** Fetches blocks given in the order in which they lie; what is missing or damaged becomes an error of its blocks. */
export async function fetchBlocks(storage: StorageTarget, blocks: readonly BlockLocation[]): Promise<FetchedBlocks> {
  const runs = runsOf(blocks);
  const fetched = await Promise.all(runs.map((run) => fetchRun(storage, run)));
  return {
    regions: fetched.map(({ bytes }) => bytes),
    blocks: runs.flatMap((run, region) => {
      const error = fetched[region]?.error;
      return run.blocks.map((block) => ({
        ...block,
        region,
        start: block.offset - run.offset,
        ...(error !== undefined && { error }),
      }));
    }),
  };
}

function runsOf(blocks: readonly BlockLocation[]): BlockRun[] {
  const runs: BlockRun[] = [];
  for (const block of blocks) {
    const last = runs.at(-1);
    const end = block.offset + block.storedLength;
    const joins =
      last !== undefined &&
      last.pack === block.pack.id &&
      block.offset >= last.offset + last.length &&
      block.offset - (last.offset + last.length) <= GAP_BYTES &&
      end - last.offset <= FETCH_BYTES;
    if (joins) {
      last.blocks.push(block);
      last.length = end - last.offset;
    } else {
      runs.push({ pack: block.pack.id, offset: block.offset, length: block.storedLength, blocks: [block] });
    }
  }
  return runs;
}

async function fetchRun(storage: StorageTarget, run: BlockRun): Promise<{ bytes: Uint8Array; error?: ErrorData }> {
  try {
    return { bytes: await storage.get(objectKeys.pack(run.pack), { offset: run.offset, length: run.length }) };
  } catch (error) {
    if (!isDamage(error)) throw error;
    return { bytes: new Uint8Array(0), error: errorToData(error) };
  }
}
