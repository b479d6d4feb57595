/** The mixed data put back: whole, and one file of 10 KB out of it. */
import { join } from 'node:path';
import type { Bench } from '../bench.ts';
import { SINGLE_FILE } from '../data/mixed.ts';
import { settle, sizeOf } from '../process.ts';
import type { Row } from '../report.ts';
import { Samples } from '../samples.ts';
import { borg } from '../tools/borg.ts';
import { installed, inTurn } from '../tools/installed.ts';
import { restic } from '../tools/restic.ts';
import { Service } from '../tools/service.ts';
import { strongroom } from '../tools/strongroom.ts';

const WHOLE = 'the mixed set, s';
const SINGLE = 'one file of 10 KB out of it, s';

export async function restore(bench: Bench): Promise<readonly Row[]> {
  const source = await bench.data.mixed();
  const samples = new Samples('restore', bench.say);
  const parts = [
    { measure: WHOLE, path: undefined, megabytes: await sizeOf(source) },
    { measure: SINGLE, path: SINGLE_FILE, megabytes: await sizeOf(join(source, SINGLE_FILE)) },
  ];
  await using service = await Service.start(bench);
  const tools = [strongroom(bench, service), ...(await installed(bench, { restic, borg }))];
  for (const tool of tools) {
    await tool.prepare(source);
    await tool.backup();
  }
  let restores = 0;
  for (let round = 0; round < bench.rounds; round++) {
    for (const { measure, path, megabytes } of parts) {
      for (const tool of inTurn(tools, round)) {
        await settle(bench.run, tool.repository);
        // Each into a place of its own that stays: some file systems are slow to make files where many were just removed.
        const target = join(bench.place, `restored-${restores++}`);
        samples.add(measure, tool.name, await tool.restore(target, path));
        const restored = await sizeOf(target);
        if (restored !== megabytes) throw new Error(`${tool.name} restored ${restored} MB of ${megabytes} MB.`);
      }
    }
  }
  return [...samples.against(WHOLE, { restic: 0.5, 'borg zstd,3': 0.5 }), ...samples.against(SINGLE, { restic: 0.5 })];
}
