/** Backups of what has been backed up before: 200,000 files unchanged, then with one in a hundred and a large file changed. */
import { join } from 'node:path';
import { noise, writeFileOf } from '../data/bytes.ts';
import { insertRecords } from '../data/large-file.ts';
import { SMALL_FOLDERS } from '../data/sets.ts';
import { changeSmallFiles, makeSmallFiles } from '../data/small-files.ts';
import type { Bench } from '../bench.ts';
import { settle, sizeOf } from '../process.ts';
import type { Row } from '../report.ts';
import { Samples } from '../samples.ts';
import { installed, inTurn } from '../tools/installed.ts';
import { restic } from '../tools/restic.ts';
import { Service } from '../tools/service.ts';
import { strongroom } from '../tools/strongroom.ts';

const UNCHANGED = '200,000 files, nothing changed, s';
const CHANGED = '1 % of the files and 100 places of a 1 GB file changed, s';
const ADDED = 'the same, added to the repository, MB';
const LARGE_BYTES = 1e9;

export async function incremental(bench: Bench): Promise<readonly Row[]> {
  const samples = new Samples('incremental', bench.say);
  const source = join(bench.place, 'source');
  bench.say('incremental: making 200,000 files that change');
  await makeSmallFiles(source, { seed: 'incremental', folders: SMALL_FOLDERS }, bench);
  await using service = await Service.start(bench);
  const tools = [strongroom(bench, service), ...(await installed(bench, { restic }))];
  for (const tool of tools) {
    await tool.prepare(source);
    await tool.backup();
  }
  for (let round = 0; round < bench.rounds; round++) {
    for (const tool of inTurn(tools, round)) {
      await settle(bench.run, source);
      samples.add(UNCHANGED, tool.name, await tool.backup());
    }
  }
  const large = join(source, 'large.bin');
  await writeFileOf(large, Math.ceil(LARGE_BYTES * bench.scale), noise('large'), bench.signal);
  for (const tool of tools) await tool.backup();
  for (let round = 0; round < bench.rounds; round++) {
    changeSmallFiles(source, { seed: `change ${round}`, folders: SMALL_FOLDERS }, bench);
    await insertRecords(large, `insert ${round}`, bench);
    for (const tool of inTurn(tools, round)) {
      const before = await sizeOf(tool.repository);
      await settle(bench.run, source);
      samples.add(CHANGED, tool.name, await tool.backup());
      samples.add(ADDED, tool.name, (await sizeOf(tool.repository)) - before);
    }
  }
  return [
    ...samples.against(UNCHANGED, { restic: 0.7 }),
    ...samples.against(CHANGED, { restic: 0.5 }),
    ...samples.against(ADDED, { restic: 0.6 }),
  ];
}
