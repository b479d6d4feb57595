/** Starts the threads of lanes. */
import { MessageChannel, Worker } from 'node:worker_threads';
import type { LaneMessage, LaneSetup, LaneSpawner } from '../repository/index.ts';

/** What a lane's thread is started with. */
export interface LaneStart {
  readonly setup: LaneSetup;
  readonly pluginModules: readonly string[];
}

export const spawnLane =
  (pluginModules: readonly string[]): LaneSpawner =>
  (setup) => {
    const { port1: ours, port2: theirs } = new MessageChannel();
    const worker = new Worker(new URL('./lane-thread.ts', import.meta.url), {
      workerData: { start: { setup, pluginModules } satisfies LaneStart, supply: theirs },
      transferList: [theirs],
      name: 'strongroom lane',
      // Blocks are garbage as soon as they are packed; a small nursery lets go of their memory early.
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    return {
      post: (message, transfer) => worker.postMessage(message, transfer),
      supply: (message) => ours.postMessage(message),
      onMessage: (listener) => void worker.on('message', (message: LaneMessage) => listener(message)),
      onEnd: (listener) => {
        let reason: string | undefined;
        worker.on('error', (error) => (reason = error instanceof Error ? error.message : String(error)));
        worker.on('exit', (code) => listener(reason ?? `exit code ${code}`));
      },
      terminate: async () => {
        ours.close();
        await worker.terminate();
      },
    };
  };
