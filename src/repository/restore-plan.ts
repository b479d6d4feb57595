/** What to fetch and where to write it: files become pieces, pieces are gathered into tasks for the lanes. */
import { closeSync, constants, ftruncateSync, openSync, unlinkSync } from 'node:fs';
import type { StorageTarget } from '../contracts/index.ts';
import { type ErrorData, errorToData, StrongroomError } from '../errors.ts';
import { contentIds } from './content.ts';
import { damaged, isDamage } from './damage.ts';
import { objectKeys } from './format.ts';
import type { BlockAt, FileToWrite, PieceToWrite } from './lane-protocol.ts';
import type { BlockLocation, ChunkLocation, LocationIndex } from './location-index.ts';
import type { ChunkLocator, LocatedEntry } from './snapshot-reader.ts';

/** A file somebody waits for. */
export interface FileRequest {
  readonly entry: LocatedEntry;
  readonly path: Buffer;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
  /** Parts that are planned and not yet written. */
  open: number;
  /** All parts are planned. */
  planned: boolean;
  /** The file was made ahead of its parts, so it is to be removed if one of them fails. */
  made: boolean;
  failure: unknown;
}

/** One chunk of a file. */
export interface PlannedPiece {
  readonly id: Uint8Array;
  readonly location: ChunkLocation;
  readonly at: number;
}

/** Longer files are written in parts by several lanes. */
const PART_BYTES = 4 * 2 ** 20;
/** A task is full with this many bytes of opened blocks, or files. */
const TASK_BYTES = 4 * 2 ** 20;
const TASK_FILES = 512;
/** Neighbouring blocks of a pack are fetched together up to this length. */
const FETCH_BYTES = 4 * 2 ** 20;

/** A file that is written in parts exists before any lane writes to it. */
const inParts = (entry: LocatedEntry): boolean => entry.size > PART_BYTES;

/** The pieces of a file, in parts; makes the file first if there are several. */
export async function* planPieces(request: FileRequest, locator: ChunkLocator): AsyncGenerator<PlannedPiece[]> {
  const { entry, path } = request;
  if (inParts(entry)) {
    createEmpty(path, entry);
    request.made = true;
  }
  let part: PlannedPiece[] = [];
  let at = 0;
  let partStart = 0;
  for await (const id of contentIds(entry.content, locator)) {
    await locator.locate(id);
    const location = locator.index.find(id);
    if (location === undefined) throw new RangeError('A chunk that was located is gone.');
    part.push({ id: Uint8Array.from(id), location, at });
    at += location.length;
    if (at - partStart >= PART_BYTES && inParts(entry)) {
      yield part;
      part = [];
      partStart = at;
    }
  }
  if (at !== entry.size) throw damaged(objectKeys.packs, 0, `a file has ${at} bytes instead of ${entry.size}`);
  if (part.length > 0 || entry.size === 0) yield part;
}

/** Tells whoever waits for a file once nothing of it is under way any more. What is left of one that failed is removed. */
export function settleIfDone(request: FileRequest): void {
  if (!request.planned || request.open > 0) return;
  if (request.failure === undefined) {
    request.resolve();
    return;
  }
  try {
    if (request.made) unlinkSync(request.path);
    request.reject(request.failure);
  } catch (error) {
    request.reject(error);
  }
}

function createEmpty(path: Buffer, entry: LocatedEntry): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  try {
    const descriptor = openSync(path, flags, 0o600);
    try {
      if (entry.metadata.sparse === true) ftruncateSync(descriptor, entry.size);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('RESTORE_FAILED', { subject: path.toString(), reason }, { cause: error });
  }
}

/** One task for a lane in the making. */
export class WriteBatch {
  readonly #index: LocationIndex;
  readonly #files: FileToWrite[] = [];
  /** The request of each file, at the same position. */
  readonly requests: FileRequest[] = [];
  readonly #positions = new Map<number, number>();
  readonly #blocks: BlockLocation[] = [];
  #bytes = 0;

  constructor(index: LocationIndex) {
    this.#index = index;
  }

  get empty(): boolean {
    return this.#files.length === 0;
  }

  get full(): boolean {
    return this.#bytes >= TASK_BYTES || this.#files.length >= TASK_FILES;
  }

  add(request: FileRequest, pieces: readonly PlannedPiece[]): void {
    const { entry, path } = request;
    request.open += 1;
    this.requests.push(request);
    this.#files.push({
      path,
      create: !inParts(entry),
      size: entry.size,
      sparse: entry.metadata.sparse === true,
      pieces: pieces.map(({ id, location, at }): PieceToWrite => {
        const { offset, length } = location;
        return { block: this.#position(location.block), id, offset, length, at };
      }),
    });
  }

  /** Books the end of one part. */
  settle(request: FileRequest, error: unknown): void {
    request.open -= 1;
    request.failure ??= error;
  }

  /** Fetches the sealed blocks; what is missing or damaged becomes an error of its blocks. */
  async fetch(
    storage: StorageTarget,
  ): Promise<{ regions: readonly Uint8Array[]; blocks: readonly BlockAt[]; files: readonly FileToWrite[] }> {
    const runs = neighbours(this.#blocks);
    const fetched = await Promise.all(runs.map((run) => fetchRun(storage, run)));
    const regions = fetched.map(({ bytes }) => bytes);
    const blocks: BlockAt[] = Array.from({ length: this.#blocks.length });
    runs.forEach((run, region) => {
      const error = fetched[region]?.error;
      for (const block of run.blocks) {
        const position = this.#positions.get(block.block);
        if (position === undefined) continue;
        blocks[position] = {
          ...block,
          region,
          start: block.offset - run.offset,
          ...(error !== undefined && { error }),
        };
      }
    });
    return { regions, blocks, files: this.#files };
  }

  #position(block: number): number {
    const known = this.#positions.get(block);
    if (known !== undefined) return known;
    const location = this.#index.block(block);
    this.#positions.set(block, this.#blocks.length);
    this.#bytes += location.rawLength;
    return this.#blocks.push(location) - 1;
  }
}

/** Blocks that lie side by side in one pack. */
interface BlockRun {
  readonly pack: string;
  readonly offset: number;
  length: number;
  readonly blocks: BlockLocation[];
}

function neighbours(blocks: readonly BlockLocation[]): BlockRun[] {
  const sorted = blocks.toSorted((a, b) =>
    a.pack.id < b.pack.id ? -1 : a.pack.id > b.pack.id ? 1 : a.offset - b.offset,
  );
  const runs: BlockRun[] = [];
  for (const block of sorted) {
    const last = runs.at(-1);
    const joins =
      last !== undefined &&
      last.pack === block.pack.id &&
      last.offset + last.length === block.offset &&
      last.length + block.storedLength <= FETCH_BYTES;
    if (joins) {
      last.blocks.push(block);
      last.length += block.storedLength;
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
