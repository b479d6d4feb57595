/** The threads of lanes: started when a run needs one more than rest here, and kept for the next run. */
import { MessageChannel, type MessagePort, Worker } from 'node:worker_threads';
import type { LaneMessage, LaneSetup, LaneSpawner, LaneThread } from '../repository/index.ts';

/** What a lane's thread is started with. */
export interface LaneStart {
  readonly pluginModules: readonly string[];
}

/** What a lane's thread gets for each run: it serves the run until its ports are closed. */
export interface LaneRun {
  readonly setup: LaneSetup;
  readonly main: MessagePort;
  readonly supply: MessagePort;
}

export class LaneStock {
  readonly #start: LaneStart;
  readonly #resting: Worker[] = [];

  constructor(pluginModules: readonly string[]) {
    this.#start = { pluginModules };
  }

  /** Has a thread serve a run. */
  readonly spawn: LaneSpawner = (setup) => {
    const worker = this.#resting.pop() ?? this.#startThread();
    const main = new MessageChannel();
    const supply = new MessageChannel();
    const run: LaneRun = { setup, main: main.port2, supply: supply.port2 };
    worker.postMessage(run, [main.port2, supply.port2]);
    return new RunningLane(worker, main.port1, supply.port1, () => this.#resting.push(worker));
  };

  #startThread(): Worker {
    const worker = new Worker(new URL('./lane-thread.ts', import.meta.url), {
      workerData: this.#start,
      name: 'strongroom lane',
      // Blocks are garbage as soon as they are packed; a small nursery lets go of their memory early.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    // A lane that ends while it rests is missed by nobody.
    worker.on('error', () => undefined);
    worker.once('exit', () => {
      const position = this.#resting.indexOf(worker);
      if (position >= 0) this.#resting.splice(position, 1);
    });
    return worker;
  }
}

/** A thread while it serves one run. */
class RunningLane implements LaneThread {
  readonly #worker: Worker;
  readonly #main: MessagePort;
  readonly #supply: MessagePort;
  readonly #rest: () => void;
  #onExit: ((code: number) => void) | undefined;
  #onError: ((error: unknown) => void) | undefined;

  constructor(worker: Worker, main: MessagePort, supply: MessagePort, rest: () => void) {
    this.#worker = worker;
    this.#main = main;
    this.#supply = supply;
    this.#rest = rest;
  }

  post(...[message, transfer]: Parameters<LaneThread['post']>): void {
    this.#main.postMessage(message, transfer);
  }

  supply(...[message]: Parameters<LaneThread['supply']>): void {
    this.#supply.postMessage(message);
  }

  onMessage(listener: (message: LaneMessage) => void): void {
    this.#main.on('message', listener);
  }

  onEnd(listener: (reason: string) => void): void {
    let reason: string | undefined;
    this.#onError = (error) => (reason = error instanceof Error ? error.message : String(error));
    this.#onExit = (code) => listener(reason ?? `exit code ${code}`);
    this.#worker.on('error', this.#onError);
    this.#worker.on('exit', this.#onExit);
  }

  rest(): void {
    this.#leave();
    this.#rest();
  }

  async terminate(): Promise<void> {
    this.#main.close();
    this.#supply.close();
    await this.#worker.terminate();
  }

  #leave(): void {
    this.#main.close();
    this.#supply.close();
    if (this.#onError !== undefined) this.#worker.off('error', this.#onError);
    if (this.#onExit !== undefined) this.#worker.off('exit', this.#onExit);
  }
}
