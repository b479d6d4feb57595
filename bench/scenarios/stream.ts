/** First backup of one stream of 4 GB. */
import { fileURLToPath } from 'node:url';
import type { Bench } from '../bench.ts';
import type { Row } from '../report.ts';
import { Samples } from '../samples.ts';
import { installed } from '../tools/installed.ts';
import { restic } from '../tools/restic.ts';
import { Service } from '../tools/service.ts';
import { strongroom } from '../tools/strongroom.ts';
import { FIRST_BACKUP, firstBackups } from './first-backup.ts';

const PLUGIN = fileURLToPath(new URL('../stream-source.ts', import.meta.url));
const CORES = 'cores busy during it';

export async function stream(bench: Bench): Promise<readonly Row[]> {
  const source = await bench.data.stream();
  const samples = new Samples('stream', bench.say);
  await using service = await Service.start(bench, [PLUGIN]);
  const ours = strongroom(bench, service, { plugin: 'stream' });
  const peers = await installed(bench, { restic: () => restic(bench, 'stdin') });
  await firstBackups(bench, source, [ours, ...peers], samples, {
    async backup(tool) {
      if (tool !== ours) return tool.backup();
      const before = await service.processorSeconds();
      const seconds = await tool.backup();
      samples.add(CORES, tool.name, ((await service.processorSeconds()) - before) / seconds);
      return seconds;
    },
  });
  return [...samples.against(FIRST_BACKUP, { restic: 0.45 }), samples.alone(CORES, null)];
}
