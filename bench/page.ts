/** Makes docs/performance.md of what was measured. */
import { table } from '../scripts/house/markdown.ts';
import type { Machine } from './machine.ts';
import { isMet, ROW_HEAD, rowCells, type Row } from './report.ts';
import { type Results, rowsOf } from './results.ts';

/** The scenario whose rows have a table of their own. */
const LEVELS = 'levels';

/**
 * The page: `template` with its marks `{{summary}}`, `{{machine}}`, `{{results}}` and `{{levels}}` replaced. Throws where the results
 * are no measurement that a page may show: of less data than documented, or of different machines.
 */
export function performancePage(template: string, results: readonly Results[], order: readonly string[]): string {
  const last = results.at(-1);
  if (last === undefined) throw new Error('There are no results to make a page of.');
  if (results.some(({ scale }) => scale !== 1)) throw new Error('A page shows results of --scale 1 only.');
  if (results.some(({ machine }) => !isSameMachine(machine, last.machine)))
    throw new Error('The results are of different machines, or of different versions of the programs.');
  const rows = rowsOf(results, order);
  const parts: Readonly<Record<string, string>> = {
    summary: summary(rows, results),
    machine: machineTable(last.machine),
    results: resultsTable(rows.filter(({ scenario }) => scenario !== LEVELS)),
    levels: levelsTable(rows.filter(({ scenario }) => scenario === LEVELS)),
  };
  return template.replaceAll(/\{\{(\w+)\}\}\n/g, (mark, name: string) => {
    const part = parts[name];
    if (part === undefined) throw new Error(`The template has a mark that means nothing: ${mark.trim()}`);
    return part;
  });
}

/** The speed of a disk is measured with every run and differs a little each time. */
function isSameMachine({ diskMBs: _, ...one }: Machine, { diskMBs: __, ...other }: Machine): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}

function summary(rows: readonly Row[], results: readonly Results[]): string {
  const dates = [...new Set(results.map(({ date }) => date))].toSorted();
  const promised = rows.filter((row) => isMet(row) !== undefined);
  const met = promised.filter((row) => isMet(row) === true);
  const when = dates.length > 1 ? `from ${dates[0]} to ${dates.at(-1)}` : `on ${dates[0]}`;
  return `Measured ${when}. Of ${promised.length} targets ${met.length} are met.\n`;
}

function machineTable({ processor, cores, memoryGB, system, fileSystem, diskMBs, versions }: Machine): string {
  return table(
    ['what', 'which'],
    [
      ['processor', processor],
      ['cores', String(cores)],
      ['memory', `${memoryGB} GB`],
      ['disk', `${fileSystem}; half a gigabyte written and flushed by one program: ${diskMBs} MB/s`],
      ['system', system],
      ...Object.entries(versions),
    ],
  );
}

const resultsTable = (rows: readonly Row[]): string =>
  table(
    [...ROW_HEAD, 'rounds'],
    rows.map((row) => [...rowCells(row), String(row.samples.ours.length)]),
  );

function levelsTable(rows: readonly Row[]): string {
  if (rows.length === 0) return 'Not measured this time.\n';
  const byLevel = Map.groupBy(rows, ({ measure }) => measure.split(': ')[0] ?? measure);
  return table(
    ['level', 'first backup, s', 'to auto', 'repository size, MB', 'to auto'],
    [...byLevel].map(([level, of]) => [
      level,
      ...of.flatMap(({ ours, ratio }) => [ours.toFixed(2), ratio?.toFixed(2) ?? '']),
    ]),
  );
}
