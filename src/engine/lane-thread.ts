/** Where a lane's thread starts. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { loadPlugins } from '../plugins.ts';
import { serveLane } from '../repository/index.ts';
import type { LaneStart } from './spawn-lane.ts';
import { codecsOf } from './workshop.ts';

const { start, supply } = workerData as { readonly start: LaneStart; readonly supply: MessagePort };
if (parentPort === null) throw new Error('A lane runs in a thread of the engine.');
serveLane(start.setup, { main: parentPort, supply }, codecsOf(await loadPlugins(start.pluginModules)));
