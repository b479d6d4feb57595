/** Strongroom against itself: twice the files, twice the bytes, and a repository that holds 2 million chunks already. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { makeSmallFiles } from '../data/small-files.ts';
import { settle } from '../process.ts';
import type { Row } from '../report.ts';
import { ITSELF, Samples } from '../samples.ts';
import { inTurn } from '../tools/installed.ts';
import { Service } from '../tools/service.ts';
import { type Strongroom, strongroom } from '../tools/strongroom.ts';

const FILES = 'first backup of 200,000 files, then of 100,000, s';
const BYTES = 'first backup of 2 GB in large files, then of 1 GB, s';
const FILLED = 'first backup of 100,000 files beside 2 million chunks, then into an empty repository, s';
const MEMORY = 'peak memory for each of the 2 million chunks, bytes';

/** Of 200 files each. */
const NEW_FOLDERS = 500;

/** The repository is filled by backups of 500 × 200 files, whose contents are others each time. */
const SLICES = 20;
const SLICE_FOLDERS = 500;
const SLICE_FILES = 100_000;
const SLICE_LENGTHS = [200, 1000] as const;

export async function growth(bench: Bench): Promise<readonly Row[]> {
  const samples = new Samples('growth', bench.say);
  await using service = await Service.start(bench);
  await twice(bench, service, samples, FILES, await bench.data.smallFiles());
  await twice(bench, service, samples, BYTES, await bench.data.largeFiles());
  await besideManyChunks(bench, service, samples);
  return [
    ...samples.against(FILES, { [ITSELF]: 2.1 }),
    ...samples.against(BYTES, { [ITSELF]: 2.1 }),
    ...samples.against(FILLED, { [ITSELF]: 1.2 }),
    samples.alone(MEMORY, 80),
  ];
}

/** All of `source`, and its folder `a`, which is half of it. */
async function twice(bench: Bench, service: Service, samples: Samples, measure: string, source: string): Promise<void> {
  const tool = strongroom(bench, service);
  const amounts = [
    { as: tool.name, part: source },
    { as: ITSELF, part: join(source, 'a') },
  ];
  for (let round = 0; round < bench.rounds; round++) {
    for (const { as, part } of inTurn(amounts, round)) {
      await tool.prepare(part);
      await settle(bench.run, part);
      samples.add(measure, as, await tool.backup());
    }
  }
}

/** The service is started anew for each backup, so that its peak is that of this backup alone. */
async function besideManyChunks(bench: Bench, service: Service, samples: Samples): Promise<void> {
  const filled = strongroom(bench, service);
  const empty = strongroom(bench, service);
  const chunks = await fill(bench, filled);
  const source = join(bench.place, 'new');
  for (let round = 0; round < bench.rounds; round++) {
    await makeSmallFiles(source, { seed: `round ${round}`, folders: NEW_FOLDERS }, bench);
    await filled.turnTo(source);
    await empty.prepare(source);
    const peaks = new Map<Strongroom, number>();
    for (const tool of inTurn([filled, empty], round)) {
      await service.restart();
      await settle(bench.run, source);
      samples.add(FILLED, tool === filled ? tool.name : ITSELF, await tool.backup());
      peaks.set(tool, await service.peakMemory());
    }
    const more = (peaks.get(filled) ?? 0) - (peaks.get(empty) ?? 0);
    samples.add(MEMORY, filled.name, (more * 1e6) / chunks);
  }
}

/** Backs up so many different files that the repository holds 2 million chunks, each file being one; answers how many. */
async function fill(bench: Bench, tool: Strongroom): Promise<number> {
  const source = join(bench.place, 'filling');
  await mkdir(source);
  await tool.prepare(source);
  for (let slice = 0; slice < SLICES; slice++) {
    bench.say(`growth: filling a repository, ${slice + 1} of ${SLICES}`);
    await makeSmallFiles(source, { seed: `slice ${slice}`, folders: SLICE_FOLDERS, lengths: SLICE_LENGTHS }, bench);
    await tool.backup();
  }
  return SLICES * SLICE_FILES * bench.scale;
}
