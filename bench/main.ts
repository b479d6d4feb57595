/** `npm run bench`: whole processes side by side in one run, as ratios. `--only NAME`, `--rounds N`, `--json`. */
import { parseArgs } from 'node:util';
import { printTable, type Row } from './report.ts';
import { mixed } from './scenarios/mixed.ts';

/** Runs a scenario some times and answers its rows. */
type Scenario = (rounds: number, say: (text: string) => void) => Promise<readonly Row[]>;

const scenarios: Readonly<Record<string, Scenario>> = { mixed };

const { values } = parseArgs({
  options: {
    only: { type: 'string', multiple: true },
    rounds: { type: 'string', default: '3' },
    json: { type: 'boolean', default: false },
  },
});

const names = values.only ?? Object.keys(scenarios);
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1 || rounds > 20)
  throw new Error('--rounds takes a whole number from 1 to 20.');

const rows: Row[] = [];
for (const name of names) {
  const scenario = scenarios[name];
  if (scenario === undefined)
    throw new Error(`There is no scenario ${name}; there are: ${Object.keys(scenarios).join(', ')}.`);
  rows.push(...(await scenario(rounds, (text) => void process.stderr.write(`${text}\n`))));
}
process.stdout.write(
  values.json
    ? `${JSON.stringify(
        rows.map(({ samples: _, ...row }) => row),
        null,
        2,
      )}\n`
    : printTable(rows),
);
