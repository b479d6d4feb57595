/**
 * `npm run bench`: whole processes side by side in one run, as ratios. What it prints is a table, or with `--json` the rows; how
 * far it is goes to standard error. CONTRIBUTING.md, "Measure", has the options.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { makeTempDir } from '../test/support/temp-dir.ts';
import { DataSets } from './data/sets.ts';
import { describeMachine } from './machine.ts';
import { readOptions } from './options.ts';
import { performancePage } from './page.ts';
import { runner } from './process.ts';
import { printTable, type Row } from './report.ts';
import { loadResults, type Results, rowsOf, saveResults } from './results.ts';
import { scenarios } from './scenarios/index.ts';

const TEMPLATE = new URL('./performance.template.md', import.meta.url);
const PAGE = new URL('../docs/performance.md', import.meta.url);

const options = readOptions(process.argv.slice(2), scenarios);
const order = [...scenarios.keys()];
const say = (text: string): void => void process.stderr.write(`${text}\n`);

/** Runs the scenarios that were chosen; after each, `keep` gets what there is so far. */
async function measure(signal: AbortSignal, keep: (results: Results) => Promise<void>): Promise<void> {
  await using folder = await makeTempDir('bench');
  // The database server of a service that root runs is another user's, and passes through.
  await chmod(folder.path, 0o711);
  const machine = await describeMachine(folder.path);
  const making = { scale: options.scale, signal };
  const data = new DataSets(folder.join('data'), making, say);
  const rows: Row[] = [];
  for (const [name, { scenario, rounds }] of options.chosen) {
    const place = folder.join(name);
    await mkdir(place);
    const bench = {
      ...making,
      rounds: options.rounds ?? rounds,
      place,
      root: folder.path,
      data,
      run: runner(signal),
      say,
    };
    rows.push(...(await scenario(bench)));
    await keep({ date: new Date().toISOString().slice(0, 10), machine, scale: options.scale, rows: [...rows] });
  }
}

const stopping = new AbortController();
// Not `once`: what watches over child processes would end this one as soon as nobody listens any more.
for (const event of ['SIGINT', 'SIGTERM'] as const) process.on(event, () => stopping.abort());

const results = await Promise.all(options.from.map((path) => loadResults(path)));
if (options.chosen.size > 0) {
  let measured: Results | undefined;
  await measure(stopping.signal, async (so) => {
    measured = so;
    if (options.save !== undefined) await saveResults(options.save, so);
  });
  if (measured !== undefined) results.push(measured);
}

const rows = rowsOf(results, order);
process.stdout.write(
  options.json
    ? `${JSON.stringify(
        rows.map(({ samples: _, ...row }) => row),
        null,
        2,
      )}\n`
    : printTable(rows),
);
if (options.page) {
  await writeFile(PAGE, performancePage(await readFile(TEMPLATE, 'utf8'), results, order));
  say('Wrote docs/performance.md.');
}
