/** Results kept in a file, so that scenarios can be run one by one and shown together. */
import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { machineShape } from './machine.ts';
import type { Row } from './report.ts';

const rowShape = z.strictObject({
  scenario: z.string(),
  measure: z.string(),
  against: z.string().nullable(),
  ours: z.number(),
  theirs: z.number().nullable(),
  ratio: z.number().nullable(),
  target: z.number().nullable(),
  samples: z.strictObject({ ours: z.array(z.number()).readonly(), theirs: z.array(z.number()).readonly() }),
});

const resultsShape = z.strictObject({
  /** Day of the measurement: 2026-01-31. */
  date: z.iso.date(),
  machine: machineShape,
  /** 1 unless the data was made smaller. */
  scale: z.number(),
  rows: z.array(rowShape).readonly(),
});

/** What one run came to. */
export type Results = z.infer<typeof resultsShape>;

export async function saveResults(path: string, results: Results): Promise<void> {
  await writeFile(path, `${JSON.stringify(results, null, 2)}\n`);
}

/** Throws what is wrong with the file. */
export async function loadResults(path: string): Promise<Results> {
  const parsed = resultsShape.safeParse(JSON.parse(await readFile(path, 'utf8')));
  if (parsed.success) return parsed.data;
  throw new Error(`${path} holds no results of a benchmark:\n${z.prettifyError(parsed.error)}`);
}

/** The rows of all runs by the order of the scenarios; where a scenario was run more than once, those of its last run. */
export function rowsOf(results: readonly Results[], order: readonly string[]): readonly Row[] {
  const last = new Map<string, readonly Row[]>();
  for (const { rows } of results) {
    for (const [scenario, its] of Map.groupBy(rows, (row) => row.scenario)) last.set(scenario, its);
  }
  return order.flatMap((scenario) => last.get(scenario) ?? []);
}
