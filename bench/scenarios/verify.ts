/** Every byte of a backup of the mixed data read and checked. */
import type { Bench } from '../bench.ts';
import { settle } from '../process.ts';
import type { Row } from '../report.ts';
import { Samples } from '../samples.ts';
import { installed, inTurn } from '../tools/installed.ts';
import { restic } from '../tools/restic.ts';
import { Service } from '../tools/service.ts';
import { strongroom } from '../tools/strongroom.ts';

const MEASURE = 'verification of all data, s';

export async function verify(bench: Bench): Promise<readonly Row[]> {
  const source = await bench.data.mixed();
  const samples = new Samples('verify', bench.say);
  await using service = await Service.start(bench);
  const tools = [strongroom(bench, service), ...(await installed(bench, { restic }))];
  for (const tool of tools) {
    await tool.prepare(source);
    await tool.backup();
  }
  for (let round = 0; round < bench.rounds; round++) {
    for (const tool of inTurn(tools, round)) {
      await settle(bench.run, tool.repository);
      samples.add(MEASURE, tool.name, await tool.verify());
    }
  }
  return samples.against(MEASURE, { restic: 0.5 });
}
