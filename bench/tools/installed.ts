/** The peers that the machine has. */
import { isInstalled } from '../../test/support/programs.ts';
import type { Bench } from '../bench.ts';

/** Makes those tools whose program is installed, and names the others. */
export async function installed<T>(bench: Bench, peers: Readonly<Record<string, (bench: Bench) => T>>): Promise<T[]> {
  const found: T[] = [];
  for (const [program, make] of Object.entries(peers)) {
    if (await isInstalled(program)) found.push(make(bench));
    else bench.say(`${program} is not installed and left out: run \`npm run bench:setup\``);
  }
  return found;
}

/** The tools in the order of a round: whoever was first is last in the next. */
export const inTurn = <T>(tools: readonly T[], round: number): readonly T[] => {
  const first = round % tools.length;
  return [...tools.slice(first), ...tools.slice(0, first)];
};
