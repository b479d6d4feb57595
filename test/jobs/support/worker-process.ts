/** A worker in a process that tests may end in any way. Its engine begins every run and never ends one. */
import { openChangeFeed } from '../../../src/catalogue/change-feed.ts';
import { openCatalogue } from '../../../src/catalogue/client.ts';
import { createSealing } from '../../../src/catalogue/sealing.ts';
import { systemClock } from '../../../src/clock.ts';
import { createQueue } from '../../../src/jobs/queue.ts';
import { startWorker } from '../../../src/jobs/worker.ts';
import { createLogger } from '../../../src/log.ts';
import { fast } from '../../services/support/harness.ts';
import { createFakeEngine } from '../../support/fake-engine.ts';

const [url = '', instanceKey = ''] = process.argv.slice(2);
const say = (line: string): void => void process.stdout.write(`${line}\n`);
const log = createLogger({ level: 'warn', format: 'text', clock: systemClock, write: say });

const catalogue = openCatalogue(url);
const feed = await openChangeFeed(url, catalogue, say);
const queue = await createQueue(url, { log, ...fast });
const sealing = createSealing(Buffer.from(instanceKey, 'hex'));
const engine = createFakeEngine();
const held = [engine.hold('backup'), engine.hold('backup')];
for (const { started } of held) void started.then(() => say('started'));
const worker = { name: 'process', lanes: 2 };
await startWorker({ catalogue, feed, queue, sealing, engine, clock: systemClock, log, worker });
