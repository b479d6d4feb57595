/** The lanes of a run as its coordinator sees them. */
import { StrongroomError, errorFromData } from '../errors.ts';
import { allocateIdTable, type IdTableMemory } from './id-table.ts';
import type { AnswerTo, LaneMessage, LaneSetup, LaneTask, PackMessage, Supply, TaskMessage } from './lane-protocol.ts';
import type { RepositorySecrets } from './opened-repository.ts';

/** A thread that runs `serveLane`. */
export interface LaneThread {
  post(message: TaskMessage, transfer: readonly ArrayBuffer[]): void;
  supply(message: Supply): void;
  onMessage(listener: (message: LaneMessage) => void): void;
  /** Called once, when the thread ends for whatever reason. */
  onEnd(listener: (reason: string) => void): void;
  /** Ends the thread wherever it is. */
  terminate(): Promise<void>;
  /** Leaves the run, which the thread has done all its tasks of: it may serve another one. */
  rest(): void;
}

/** Starts threads that serve lanes. */
export type LaneSpawner = (setup: LaneSetup) => LaneThread;

export interface LanePoolOptions {
  readonly repository: RepositorySecrets;
  readonly spawn: LaneSpawner;
  readonly lanes: number;
  readonly chunks: readonly IdTableMemory[];
  /** Length and number of the buffers that packs are built in; none for runs that only read. */
  readonly buffers: { readonly length: number; readonly count: number };
  /** Gets each finished pack; `release` gives its buffer back once it is stored. */
  readonly onPack: (pack: PackMessage, release: () => void) => void;
  /** Called when the shared set of chunks got another level. */
  readonly onLevel: (level: IdTableMemory) => void;
}

interface PendingTask {
  readonly resolve: (answer: never) => void;
  readonly reject: (error: unknown) => void;
  readonly onIds: ((ids: Extract<LaneMessage, { readonly kind: 'ids' }>) => void) | undefined;
}

interface Lane {
  readonly thread: LaneThread;
  readonly supplied: Int32Array;
  readonly tasks: Map<number, PendingTask>;
}

/** Each lane works on one task while the next one is already there. */
const TASKS_AT_ONCE = 2;

export class LanePool implements AsyncDisposable {
  readonly #options: LanePoolOptions;
  readonly #lanes: Lane[] = [];
  readonly #levels: IdTableMemory[];
  /** Shared rather than handed to and fro: each hand-over of so much memory would make both threads collect garbage. */
  readonly #freeBuffers: SharedArrayBuffer[] = [];
  readonly #wantingBuffer: Lane[] = [];
  readonly #wantingTurn: (() => void)[] = [];
  #buffersMade = 0;
  #nextTask = 0;
  #limit = Number.POSITIVE_INFINITY;
  #failure: { readonly error: unknown } | undefined;
  #stoppedFor: { readonly error: unknown } | undefined;
  #ending: Promise<unknown> | undefined;

  constructor(options: LanePoolOptions) {
    this.#options = options;
    this.#levels = [...options.chunks];
  }

  /** How many lanes there are at most: each is started when there is work that no other one has room for. */
  get width(): number {
    return this.#options.lanes;
  }

  /** From now on at most so many lanes get tasks, at least one. Those beyond finish what they have. */
  limit(lanes: number): void {
    this.#limit = Math.max(1, lanes);
    for (const resolve of this.#wantingTurn.splice(0)) resolve();
  }

  /**
   * Hands a task to the lane that has least to do, as soon as one has room; resolves once it is handed over, with the promise of its answer.
   * That promise rejects when the task fails or a lane ends.
   */
  async submit<T extends LaneTask>(
    work: T,
    transfer: readonly ArrayBuffer[] = [],
    onIds?: (ids: Extract<LaneMessage, { readonly kind: 'ids' }>) => void,
  ): Promise<{ readonly answer: Promise<AnswerTo<T['kind']>> }> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure.error;
      if (this.#ending !== undefined) await this.#refuse(this.#ending);
      const lane = this.#laneWithRoom();
      if (lane !== undefined) return { answer: this.#send(lane, work, transfer, onIds) };
      await new Promise<void>((resolve) => this.#wantingTurn.push(resolve));
    }
  }

  /** Has every lane deliver the pack it is filling. */
  async flush(): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure.error;
    await Promise.all(this.#lanes.map((lane) => this.#send(lane, { kind: 'flush' }, [], undefined)));
  }

  /** Makes every wait and every task fail with this error. */
  fail(error: unknown): void {
    this.#failure ??= { error };
    for (const lane of this.#lanes) {
      for (const task of lane.tasks.values()) task.reject(this.#failure.error);
      lane.tasks.clear();
    }
    for (const resolve of this.#wantingTurn.splice(0)) resolve();
  }

  /** Ends every lane, and only then makes every wait and every task fail: nothing is read or written any more when they do. */
  async stop(error: unknown): Promise<void> {
    this.#stoppedFor ??= { error };
    await this[Symbol.asyncDispose]();
    this.fail(this.#stoppedFor.error);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#ending ??= Promise.all(this.#lanes.map((lane) => this.#end(lane)));
    await this.#ending;
  }

  /** Lanes of a run that went well are kept; what others are in the middle of is cut short. */
  async #end({ thread, tasks }: Lane): Promise<void> {
    const well = this.#failure === undefined && this.#stoppedFor === undefined && tasks.size === 0;
    if (well) thread.rest();
    else await thread.terminate();
  }

  /** The lane that has least to do, a new one rather than one that is at work; `undefined` while all are at their limit. */
  #laneWithRoom(): Lane | undefined {
    const working = this.#lanes.slice(0, this.#limit);
    const [least] = working.toSorted((one, other) => one.tasks.size - other.tasks.size);
    if ((least?.tasks.size ?? 1) > 0 && working.length < Math.min(this.width, this.#limit)) return this.#start();
    return least !== undefined && least.tasks.size < TASKS_AT_ONCE ? least : undefined;
  }

  async #refuse(ending: Promise<unknown>): Promise<never> {
    await ending;
    const known = this.#failure ?? this.#stoppedFor;
    if (known !== undefined) throw known.error;
    throw new StrongroomError('CANCELLED', {});
  }

  #start(): Lane {
    const supplied = new SharedArrayBuffer(4);
    const { repository, spawn } = this.#options;
    const thread = spawn({ repository, chunks: this.#levels, supplied });
    const lane = { thread, supplied: new Int32Array(supplied), tasks: new Map<number, PendingTask>() };
    this.#lanes.push(lane);
    thread.onMessage((message) => this.#receive(lane, message));
    thread.onEnd((reason) => {
      if (this.#ending !== undefined) return;
      // The others end first: whoever hears of the failure clears away what they are still writing to.
      void this.stop(new StrongroomError('INTERNAL', { reason: `an engine thread ended: ${reason}` }));
    });
    return lane;
  }

  #send<T extends LaneTask>(
    lane: Lane,
    work: T,
    transfer: readonly ArrayBuffer[],
    onIds: PendingTask['onIds'],
  ): Promise<AnswerTo<T['kind']>> {
    const task = this.#nextTask++;
    const answer = new Promise<AnswerTo<T['kind']>>((resolve, reject) => {
      lane.tasks.set(task, { resolve, reject, onIds });
    });
    // Whoever submitted may look at the answer much later; until then a failure must not count as unhandled.
    answer.catch(() => undefined);
    lane.thread.post({ task, work }, transfer);
    return answer;
  }

  #receive(lane: Lane, message: LaneMessage): void {
    switch (message.kind) {
      case 'ids':
        lane.tasks.get(message.task)?.onIds?.(message);
        return;
      case 'answer':
        this.#settle(lane, message.task)?.resolve(message.answer as never);
        return;
      case 'failed':
        this.#settle(lane, message.task)?.reject(errorFromData(message.error));
        return;
      case 'pack':
        this.#options.onPack(message.pack, () => this.#release(message.pack.buffer));
        return;
      case 'wantBuffer':
        this.#wantingBuffer.push(lane);
        this.#supplyBuffers();
        return;
      case 'wantLevel':
        this.grow(message.levels, message.capacity);
        return;
    }
  }

  #settle(lane: Lane, number: number): PendingTask | undefined {
    const task = lane.tasks.get(number);
    lane.tasks.delete(number);
    this.#wantingTurn.shift()?.();
    return task;
  }

  #release(buffer: SharedArrayBuffer): void {
    this.#freeBuffers.push(buffer);
    this.#supplyBuffers();
  }

  #supplyBuffers(): void {
    const { length, count } = this.#options.buffers;
    while (this.#wantingBuffer.length > 0) {
      if (this.#freeBuffers.length === 0 && this.#buffersMade < count) {
        this.#buffersMade += 1;
        this.#freeBuffers.push(new SharedArrayBuffer(length));
      }
      const buffer = this.#freeBuffers.pop();
      if (buffer === undefined) return;
      const lane = this.#wantingBuffer.shift();
      if (lane !== undefined) this.#supply(lane, { kind: 'buffer', buffer });
    }
  }

  /** Adds a level to the shared set of chunks for a thread that knew `levels`; where there are more already, they are on their way. */
  grow(levels: number, capacity: number): void {
    if (levels < this.#levels.length) return;
    const level = allocateIdTable(capacity);
    this.#levels.push(level);
    this.#options.onLevel(level);
    for (const lane of this.#lanes) this.#supply(lane, { kind: 'level', level });
  }

  #supply(lane: Lane, supply: Supply): void {
    lane.thread.supply(supply);
    Atomics.add(lane.supplied, 0, 1);
    Atomics.notify(lane.supplied, 0);
  }
}
