/**
 * What to fetch and where to write it. Files become pieces; a window of many files' pieces is put in the order in which their blocks
 * lie in the packs, and cut into tasks for the lanes. So each block of a window is fetched and opened once, however many files need it.
 */
import { contentIds } from './content.ts';
import { damaged } from './damage.ts';
import { objectKeys } from './format.ts';
import type { BlockLocation, ChunkLocation, LocationIndex } from './location-index.ts';
import type { FileRequest } from './restore-request.ts';
import type { ChunkLocator } from './snapshot-reader.ts';
import type { FileToWrite } from './write-orders.ts';

/** Pieces planned at once: what bounds memory, and how far apart files may be that share the opening of a block. */
const WINDOW_PIECES = 32_768;
/** A task is full with this many bytes of opened blocks, or pieces. */
const TASK_BYTES = 4 * 2 ** 20;
const TASK_PIECES = 4096;

/** One chunk of a file. */
interface PlannedPiece {
  readonly request: FileRequest;
  readonly id: Uint8Array;
  readonly location: ChunkLocation;
  readonly at: number;
}

/** Files, or parts of long ones, that are planned together. */
export class WriteWindow {
  readonly #pieces: PlannedPiece[] = [];
  readonly #empty: FileRequest[] = [];

  get full(): boolean {
    return this.#pieces.length + this.#empty.length >= WINDOW_PIECES;
  }

  /** Plans a file; where the window gets full in the middle of it, goes on when asked for the next value. */
  async *plan(request: FileRequest, locator: ChunkLocator): AsyncGenerator<void> {
    const { content, size } = request.entry;
    let at = 0;
    for await (const id of contentIds(content, locator)) {
      if (this.full) yield;
      if (locator.index.find(id) === undefined) await locator.locate(id);
      const location = locator.index.find(id);
      if (location === undefined) throw new RangeError('A chunk that was located is gone.');
      request.planPiece();
      this.#pieces.push({ request, id, location, at });
      at += location.length;
    }
    if (at !== size) throw damaged(objectKeys.packs, 0, `a file has ${at} bytes instead of ${size}`);
    if (at > 0) return;
    request.planPiece();
    this.#empty.push(request);
  }

  /** The window cut into tasks, which it forgets: it can be filled anew. */
  *tasks(index: LocationIndex): Generator<WriteTask> {
    // The order is stable, so files that share a block keep theirs.
    const pieces = this.#pieces.splice(0).toSorted((a, b) => a.location.block - b.location.block);
    let task = new WriteTask(index);
    for (const piece of pieces) {
      if (task.fullBefore(piece.location.block)) {
        yield task;
        task = new WriteTask(index);
      }
      task.add(piece);
    }
    for (const request of this.#empty.splice(0)) {
      if (task.full) {
        yield task;
        task = new WriteTask(index);
      }
      task.addEmpty(request);
    }
    if (!task.empty) yield task;
  }
}

/** One task for a lane. */
export class WriteTask {
  readonly #index: LocationIndex;
  readonly #files = new Map<FileRequest, PlannedPiece[]>();
  readonly #positions = new Map<number, number>();
  /** In the order in which they lie. */
  readonly blocks: BlockLocation[] = [];
  #bytes = 0;
  #pieces = 0;

  constructor(index: LocationIndex) {
    this.#index = index;
  }

  get empty(): boolean {
    return this.#files.size === 0;
  }

  get full(): boolean {
    return this.#bytes >= TASK_BYTES || this.#pieces >= TASK_PIECES;
  }

  /** Full, unless the next piece is of a block that is opened here anyway. */
  fullBefore(block: number): boolean {
    return this.#pieces >= TASK_PIECES || (this.full && !this.#positions.has(block));
  }

  add(piece: PlannedPiece): void {
    const { block } = piece.location;
    if (!this.#positions.has(block)) {
      const location = this.#index.block(block);
      this.#positions.set(block, this.blocks.length);
      this.blocks.push(location);
      this.#bytes += location.rawLength;
    }
    this.#pieces += 1;
    const pieces = this.#files.get(piece.request);
    if (pieces === undefined) this.#files.set(piece.request, [piece]);
    else pieces.push(piece);
  }

  addEmpty(request: FileRequest): void {
    this.#pieces += 1;
    this.#files.set(request, []);
  }

  /** The files to write, each with its request. Those that other tasks write too are made here; those that failed are left out. */
  prepare(): { readonly files: readonly FileToWrite[]; readonly requests: readonly FileRequest[] } {
    const files: FileToWrite[] = [];
    const requests: FileRequest[] = [];
    for (const [request, pieces] of this.#files) {
      const create = request.isWhole(Math.max(pieces.length, 1));
      if (!create) request.make();
      if (request.failed) continue;
      requests.push(request);
      files.push({ ...request.fileFacts, create, pieces: pieces.map((piece) => this.#pieceToWrite(piece)) });
    }
    return { files, requests };
  }

  /** Books the end of the task: every piece of it is written, or its file has failed. */
  settle(): void {
    for (const [request, pieces] of this.#files) request.settlePieces(Math.max(pieces.length, 1));
  }

  /** Makes every file of the task fail. */
  fail(error: unknown): void {
    for (const request of this.#files.keys()) request.fail(error);
  }

  #pieceToWrite({ id, location, at }: PlannedPiece): FileToWrite['pieces'][number] {
    const block = this.#positions.get(location.block);
    if (block === undefined) throw new RangeError(`Block ${location.block} is not in the task.`);
    return { block, id, offset: location.offset, length: location.length, at };
  }
}
