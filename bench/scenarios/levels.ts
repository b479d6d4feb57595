/** What each compression level costs and gives on the mixed data. */
import type { Bench } from '../bench.ts';
import { settle, sizeOf } from '../process.ts';
import { compare, type Row } from '../report.ts';
import { Service } from '../tools/service.ts';
import { strongroom } from '../tools/strongroom.ts';

const LEVELS = [1, 3, 6, 9, 12, 19];
const DEFAULT = 'auto';

/** Rows of two measures for each level, `<level>: first backup, s` and `<level>: repository size, MB`, against the default. */
export async function levels(bench: Bench): Promise<readonly Row[]> {
  const source = await bench.data.mixed();
  await using service = await Service.start(bench);
  const tools = [undefined, ...LEVELS].map((level) => ({
    title: level === undefined ? DEFAULT : `zstd ${level}`,
    tool: strongroom(bench, service, level === undefined ? {} : { compressionLevel: level }),
    seconds: [] as number[],
    sizes: [] as number[],
  }));
  for (let round = 0; round < bench.rounds; round++) {
    for (const { title, tool, seconds, sizes } of tools) {
      await tool.prepare(source);
      await settle(bench.run, source);
      seconds.push(await tool.backup());
      sizes.push(await sizeOf(tool.repository));
      bench.say(`levels: ${title}: ${seconds.at(-1)?.toFixed(2)} s, ${sizes.at(-1)?.toFixed(0)} MB`);
    }
  }
  const [byDefault] = tools;
  return tools.flatMap(({ title, seconds, sizes }) => [
    compare('levels', `${title}: first backup, s`, seconds, { name: DEFAULT, values: byDefault?.seconds ?? [] }),
    compare('levels', `${title}: repository size, MB`, sizes, { name: DEFAULT, values: byDefault?.sizes ?? [] }),
  ]);
}
