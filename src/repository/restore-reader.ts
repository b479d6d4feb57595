/** The way back: entries of a snapshot whose bytes are fetched by the coordinator and opened and written by the lanes. */
import type { ReadableEntry, RestoreEntry } from '../contracts/index.ts';
import { errorFromData } from '../errors.ts';
import { BlockReader } from './block-reader.ts';
import { contentIds } from './content.ts';
import { damaged } from './damage.ts';
import { fetchBlocks } from './fetch-blocks.ts';
import { objectKeys } from './format.ts';
import type { LanePool } from './lane-pool.ts';
import { ownBuffers } from './own-buffers.ts';
import { type WriteTask, WriteWindow } from './restore-plan.ts';
import { FileRequest, PRIVATE_MODE } from './restore-request.ts';
import type { ChunkLocator, LocatedEntry } from './snapshot-reader.ts';
import type { OpenedRepository } from './opened-repository.ts';
import { buffersOf, encodeOrders } from './write-orders.ts';

/** Tasks on their way, so that fetching and writing overlap. */
const TASKS_A_LANE = 3;

export class RestoreReader {
  readonly #repository: OpenedRepository;
  readonly #locator: ChunkLocator;
  readonly #pool: LanePool;
  readonly #blocks: BlockReader;
  readonly #queue: FileRequest[] = [];
  #running = false;
  #tasks = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(repository: OpenedRepository, locator: ChunkLocator, pool: LanePool) {
    this.#repository = repository;
    this.#locator = locator;
    this.#pool = pool;
    this.#blocks = new BlockReader(repository, locator.index, { reuse: true });
  }

  /** An entry with access to its bytes. */
  entry(located: LocatedEntry): RestoreEntry {
    const { content: _, ...entry } = located;
    return {
      ...entry,
      read: () => this.#read(located),
      writeFile: (path, mode = PRIVATE_MODE) => this.#writeFile(new FileRequest(located, path, mode)),
    };
  }

  async *#read({ content, size }: LocatedEntry): AsyncGenerator<Uint8Array> {
    let buffer = Buffer.allocUnsafeSlow(0);
    let total = 0;
    for await (const id of contentIds(content, this.#locator)) {
      await this.#locator.locate(id);
      const length = this.#locator.index.find(id)?.length ?? 0;
      if (buffer.length < length) buffer = Buffer.allocUnsafeSlow(length);
      await this.#blocks.copyChunk(id, buffer);
      total += length;
      yield buffer.subarray(0, length);
    }
    if (total !== size) throw wrongLength(total, size);
  }

  #writeFile(request: FileRequest): Promise<void> {
    this.#queue.push(request);
    if (!this.#running) {
      this.#running = true;
      // Requests made in one go are planned together, so that files that share blocks share their reading.
      setImmediate(() => void this.#run());
    }
    return request.settled;
  }

  /** Works off the queue; never rejects. What comes while the lanes are busy makes up the next window. */
  async #run(): Promise<void> {
    const window = new WriteWindow();
    while (this.#queue.length > 0) {
      const taken = this.#queue.splice(0);
      for (const request of taken) {
        await this.#plan(request, window);
        if (window.full) await this.#sendAll(window);
      }
      await this.#sendAll(window);
    }
    this.#running = false;
  }

  async #plan(request: FileRequest, window: WriteWindow): Promise<void> {
    try {
      for await (const _ of window.plan(request, this.#locator)) await this.#sendAll(window);
    } catch (error) {
      request.fail(error);
    }
    request.finishPlan();
  }

  async #sendAll(window: WriteWindow): Promise<void> {
    for (const task of window.tasks(this.#locator.index)) {
      while (this.#tasks >= this.#pool.width * TASKS_A_LANE) {
        await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
      this.#tasks += 1;
      void this.#write(task).finally(() => {
        this.#tasks -= 1;
        this.#waiting.shift()?.();
      });
    }
  }

  /** Never rejects: what goes wrong belongs to the files of the task. */
  async #write(task: WriteTask): Promise<void> {
    try {
      const { files, requests } = task.prepare();
      const fetched = await fetchBlocks(this.#repository.storage, task.blocks);
      const orders = encodeOrders(files);
      const transfer = [...ownBuffers(fetched.regions), ...buffersOf(orders)];
      const { answer } = await this.#pool.submit({ kind: 'writeFiles', ...fetched, orders }, transfer);
      for (const { file, error } of (await answer).errors) requests[file]?.fail(errorFromData(error));
    } catch (error) {
      task.fail(error);
    }
    task.settle();
  }
}

/** An entry whose bytes can be read. */
export function readableEntry(located: LocatedEntry, locator: ChunkLocator): ReadableEntry {
  const { content: _, ...entry } = located;
  return { ...entry, read: () => readContent(located, locator) };
}

/** The bytes of a file in order, each piece checked before it is handed out, as a part of memory that others share: to be read only. Throws a damage error. */
export async function* readContent({ content, size }: LocatedEntry, locator: ChunkLocator): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const id of contentIds(content, locator)) {
    const bytes = await locator.chunk(id);
    total += bytes.length;
    yield bytes;
  }
  if (total !== size) throw wrongLength(total, size);
}

const wrongLength = (found: number, expected: number): Error =>
  damaged(objectKeys.packs, 0, `a file has ${found} bytes instead of ${expected}`);
