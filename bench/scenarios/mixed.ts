/** Mixed data: first backup, unchanged second backup, restore, size of the repository, memory of the service. */
import { makeTempDir } from '../../test/support/temp-dir.ts';
import { isInstalled } from '../../test/support/programs.ts';
import { makeMixed } from '../data.ts';
import { compare, type Row } from '../report.ts';
import { borg } from '../tools/borg.ts';
import { restic } from '../tools/restic.ts';
import { strongroom } from '../tools/strongroom.ts';
import { tarZstd } from '../tools/tar-zstd.ts';
import type { Tool } from '../tools/tool.ts';

interface Samples {
  readonly first: number[];
  readonly second: number[];
  readonly restore: number[];
  readonly size: number[];
}

export async function mixed(rounds: number, say: (text: string) => void): Promise<readonly Row[]> {
  await using place = await makeTempDir('bench');
  const source = place.join('source');
  say('mixed: making 1.25 GB of data');
  await makeMixed(source);
  await using ours = await strongroom(place.path, source);
  const peers = await installed([
    ['restic', restic(place.path)],
    ['borg', borg(place.path)],
    ['zstd', tarZstd(place.path)],
  ]);
  const samples = new Map<Tool, Samples>();
  for (const tool of [ours, ...peers]) samples.set(tool, { first: [], second: [], restore: [], size: [] });
  for (let round = 1; round <= rounds; round++) {
    for (const [tool, kept] of samples) {
      await once(tool, kept, source, place.join(`restored-${round}-${tool.name.replaceAll(/\W+/g, '-')}`));
      say(`mixed: round ${round} of ${rounds}, ${tool.name}: first backup ${kept.first.at(-1)?.toFixed(2)} s`);
    }
  }
  return rowsOf(ours, samples, await ours.peakMemory());
}

async function once(tool: Tool, samples: Samples, source: string, target: string): Promise<void> {
  await tool.prepare();
  samples.first.push(await tool.backup(source));
  samples.size.push(await tool.size());
  if (tool.restore === undefined) return;
  samples.second.push(await tool.backup(source));
  samples.restore.push(await tool.restore(target));
}

function rowsOf(ours: Tool, samples: ReadonlyMap<Tool, Samples>, peak: number): Row[] {
  const mine = samples.get(ours) ?? { first: [], second: [], restore: [], size: [] };
  const rows: Row[] = [];
  const add = (measure: string, kind: keyof Samples, targets: Readonly<Record<string, number>>): void => {
    for (const [tool, theirs] of samples) {
      if (tool === ours || theirs[kind].length === 0) continue;
      const peer = { name: tool.name, values: theirs[kind] };
      rows.push(compare('mixed', measure, mine[kind], peer, targets[tool.name] ?? null));
    }
  };
  add('first backup, s', 'first', { restic: 1 });
  add('unchanged second backup, s', 'second', {});
  add('restore, s', 'restore', {});
  add('repository size, MB', 'size', { restic: 1.05 });
  rows.push(compare('mixed', 'peak memory of the service, MB', [peak], undefined, 500));
  return rows;
}

async function installed(tools: readonly (readonly [string, Tool])[]): Promise<Tool[]> {
  const found: Tool[] = [];
  for (const [program, tool] of tools) {
    if (await isInstalled(program)) found.push(tool);
    else process.stderr.write(`${program} is not installed and left out: run \`npm run bench:setup\`.\n`);
  }
  return found;
}
