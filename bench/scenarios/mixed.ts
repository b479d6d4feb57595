/** Mixed data: first backup, size of the repository, memory of the service. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { sizeOf } from '../process.ts';
import type { Row } from '../report.ts';
import { OURS, Samples } from '../samples.ts';
import { borg } from '../tools/borg.ts';
import { installed } from '../tools/installed.ts';
import { restic } from '../tools/restic.ts';
import { Service } from '../tools/service.ts';
import { strongroom } from '../tools/strongroom.ts';
import { tarZstd } from '../tools/tar-zstd.ts';
import type { BackupTool } from '../tools/tool.ts';
import { FIRST_BACKUP, firstBackups } from './first-backup.ts';

const SIZE = 'repository size, MB';
const FRESH_PEAK = 'peak memory of a fresh service with one first backup, MB';
const LAST_PEAK = 'peak memory of the service after all rounds, MB';

export async function mixed(bench: Bench): Promise<readonly Row[]> {
  const source = await bench.data.mixed();
  const samples = new Samples('mixed', bench.say);
  for (let round = 0; round < bench.rounds; round++) samples.add(FRESH_PEAK, OURS, await freshPeak(bench, source));
  await using service = await Service.start(bench);
  const ours = strongroom(bench, service);
  const peers = await installed<BackupTool>(bench, { restic, borg, zstd: tarZstd });
  await firstBackups(bench, source, [ours, ...peers], samples, {
    async afterwards(tool) {
      if (!tool.name.startsWith('tar')) samples.add(SIZE, tool.name, await sizeOf(tool.repository));
    },
  });
  samples.add(LAST_PEAK, ours.name, await service.peakMemory());
  return [
    ...samples.against(FIRST_BACKUP, { restic: 0.45, 'borg zstd,3': 0.45, 'tar | zstd -3 -T2': 0.9 }),
    ...samples.against(SIZE, { restic: 1, 'borg zstd,3': 1 }),
    samples.alone(FRESH_PEAK, 400),
    samples.alone(LAST_PEAK, 400),
  ];
}

/** MB that a service has had in use at once which was started for one backup and has done nothing else. */
async function freshPeak(bench: Bench, source: string): Promise<number> {
  const place = join(bench.place, 'fresh');
  await mkdir(place);
  const own = { ...bench, place };
  await using _removed = { [Symbol.asyncDispose]: () => rm(place, { recursive: true }) };
  await using service = await Service.start(own);
  const tool = strongroom(own, service);
  await tool.prepare(source);
  await tool.backup();
  return await service.peakMemory();
}
