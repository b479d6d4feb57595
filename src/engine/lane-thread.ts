/** Where a lane's thread starts. It loads codecs only: what sources and storage targets bring along is not for lanes. */
import { parentPort, workerData } from 'node:worker_threads';
import { builtInCodecs } from '../../plugins/codecs.ts';
import { load } from '../plugins/load.ts';
import { serveLane } from '../repository/index.ts';
import { codecsOf } from './codecs.ts';
import { collectGarbageSoon } from '../collect-garbage.ts';
import type { LaneRun, LaneStart } from './lane-stock.ts';

const { pluginModules } = workerData as LaneStart;
if (parentPort === null) throw new Error('A lane runs in a thread of the engine.');
const codecs = codecsOf(await load(builtInCodecs, pluginModules));
parentPort.on('message', ({ setup, main, supply }: LaneRun) => {
  serveLane(setup, { main, supply }, codecs);
  main.on('close', collectGarbageSoon);
});
