/** What `npm run bench` can be told. */
import { parseArgs } from 'node:util';
import type { ScenarioChoice } from './scenarios/index.ts';

export interface BenchOptions {
  /** The scenarios to run, in their order. */
  readonly chosen: ReadonlyMap<string, ScenarioChoice>;
  /** For all of them; their own number when absent. */
  readonly rounds: number | undefined;
  /** Print the rows as JSON instead of a table. */
  readonly json: boolean;
  /** Write docs/performance.md. */
  readonly page: boolean;
  /** File to keep the results in. */
  readonly save: string | undefined;
  /** Files of earlier results to show together with, or instead of, new ones. */
  readonly from: readonly string[];
  /** Part of the documented amounts of data, for work on a scenario. */
  readonly scale: number;
}

/** Throws what is wrong with the arguments. */
export function readOptions(args: readonly string[], scenarios: ReadonlyMap<string, ScenarioChoice>): BenchOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      json: { type: 'boolean', default: false },
      page: { type: 'boolean', default: false },
      save: { type: 'string' },
      from: { type: 'string', multiple: true, default: [] },
      scale: { type: 'string', default: '1' },
    },
  });
  const { only, json, page, save, from } = values;
  for (const name of only ?? []) {
    if (!scenarios.has(name))
      throw new Error(`There is no scenario ${name}; there are: ${[...scenarios.keys()].join(', ')}.`);
  }
  const rounds = values.rounds === undefined ? undefined : Number(values.rounds);
  if (rounds !== undefined && (!Number.isInteger(rounds) || rounds < 1 || rounds > 20))
    throw new Error('--rounds takes a whole number from 1 to 20.');
  const scale = Number(values.scale);
  if (!(scale >= 0.001 && scale <= 1)) throw new Error('--scale takes a number from 0.001 to 1.');
  if (page && scale !== 1) throw new Error('--page shows results of --scale 1 only.');
  const isChosen = (name: string, { byDefault }: ScenarioChoice): boolean =>
    only?.includes(name) ?? (from.length === 0 && byDefault);
  const chosen = new Map([...scenarios].filter(([name, choice]) => isChosen(name, choice)));
  return { chosen, rounds, json, page, save, from, scale };
}
