/** The way back: entries of a snapshot whose bytes are fetched by the coordinator and opened and written by the lanes. */
import type { RestoreEntry } from '../contracts/index.ts';
import { errorFromData } from '../errors.ts';
import { contentIds } from './content.ts';
import { damaged } from './damage.ts';
import { objectKeys } from './format.ts';
import type { LanePool } from './lane-pool.ts';
import { type FileRequest, planPieces, settleIfDone, WriteBatch } from './restore-plan.ts';
import type { ChunkLocator, LocatedEntry } from './snapshot-reader.ts';
import type { OpenedRepository } from './opened-repository.ts';

/** Tasks on their way, so that fetching and writing overlap. */
const TASKS_A_LANE = 2;

export class RestoreReader {
  readonly #repository: OpenedRepository;
  readonly #locator: ChunkLocator;
  readonly #pool: LanePool;
  readonly #queue: FileRequest[] = [];
  #running = false;
  #tasks = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(repository: OpenedRepository, locator: ChunkLocator, pool: LanePool) {
    this.#repository = repository;
    this.#locator = locator;
    this.#pool = pool;
  }

  /** An entry with access to its bytes. */
  entry(located: LocatedEntry): RestoreEntry {
    const { content, ...entry } = located;
    return {
      ...entry,
      read: () => readContent(located, this.#locator),
      writeFile: (path) => this.#writeFile(located, path),
    };
  }

  #writeFile(entry: LocatedEntry, path: Buffer): Promise<void> {
    return new Promise<void>((resolve, reject) => {
      this.#queue.push({ entry, path, resolve, reject, open: 0, planned: false, made: false, failure: undefined });
      if (!this.#running) {
        this.#running = true;
        // Requests made in one go are planned together, so that files that share blocks share their reading.
        setImmediate(() => void this.#run());
      }
    });
  }

  /** Works off the queue in order; never rejects. */
  async #run(): Promise<void> {
    let batch = new WriteBatch(this.#locator.index);
    for (let request = this.#queue.shift(); request !== undefined; request = this.#queue.shift()) {
      try {
        for await (const pieces of planPieces(request, this.#locator)) {
          batch.add(request, pieces);
          if (!batch.full) continue;
          await this.#send(batch);
          batch = new WriteBatch(this.#locator.index);
        }
      } catch (error) {
        request.failure ??= error;
      }
      request.planned = true;
      settleIfDone(request);
      if (this.#queue.length === 0) {
        await this.#send(batch);
        batch = new WriteBatch(this.#locator.index);
      }
    }
    this.#running = false;
  }

  async #send(batch: WriteBatch): Promise<void> {
    if (batch.empty) return;
    while (this.#tasks >= this.#pool.width * TASKS_A_LANE) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#tasks += 1;
    void this.#write(batch).finally(() => {
      this.#tasks -= 1;
      this.#waiting.shift()?.();
    });
  }

  /** Never rejects: what goes wrong belongs to the files of the batch. */
  async #write(batch: WriteBatch): Promise<void> {
    try {
      const work = await batch.fetch(this.#repository.storage);
      const { answer } = await this.#pool.submit({ kind: 'writeFiles', ...work }, ownBuffers(work.regions));
      const { errors } = await answer;
      batch.requests.forEach((request, position) => {
        const error = errors[position];
        batch.settle(request, error === null || error === undefined ? undefined : errorFromData(error));
      });
    } catch (error) {
      for (const request of batch.requests) batch.settle(request, error);
    }
    for (const request of new Set(batch.requests)) settleIfDone(request);
  }
}

/** The bytes of a file in order, each piece checked before it is handed out; throws a damage error. */
export async function* readContent({ content, size }: LocatedEntry, locator: ChunkLocator): AsyncGenerator<Uint8Array> {
  let total = 0;
  for await (const id of contentIds(content, locator)) {
    const bytes = await locator.chunk(id);
    total += bytes.length;
    yield Uint8Array.from(bytes);
  }
  if (total !== size) throw damaged(objectKeys.packs, 0, `a file has ${total} bytes instead of ${size}`);
}

/** The buffers that hold nothing else: they go to the lane without a copy. */
const ownBuffers = (regions: readonly Uint8Array[]): ArrayBuffer[] =>
  regions.flatMap(({ buffer, byteLength }) =>
    buffer instanceof ArrayBuffer && buffer.byteLength === byteLength && byteLength > 0 ? [buffer] : [],
  );
