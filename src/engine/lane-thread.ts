/** Where a lane's thread starts. It loads codecs only: what sources and storage targets bring along is not for lanes. */
import { type MessagePort, parentPort, workerData } from 'node:worker_threads';
import { builtInCodecs } from '../../plugins/codecs.ts';
import { load } from '../plugins/load.ts';
import { serveLane } from '../repository/index.ts';
import { codecsOf } from './codecs.ts';
import type { LaneStart } from './spawn-lane.ts';

const { start, supply } = workerData as { readonly start: LaneStart; readonly supply: MessagePort };
if (parentPort === null) throw new Error('A lane runs in a thread of the engine.');
const plugins = await load(builtInCodecs, start.pluginModules);
serveLane(start.setup, { main: parentPort, supply }, codecsOf(plugins));
