/** Rows of a benchmark. */

export interface Row {
  readonly scenario: string;
  /** What was measured, with its unit: `first backup, s`. */
  readonly measure: string;
  /** The peer, or null where there is none. */
  readonly against: string | null;
  /** Medians. */
  readonly ours: number;
  readonly theirs: number | null;
  /** Ours divided by theirs; null without a peer. */
  readonly ratio: number | null;
  /** What the ratio, or ours where there is no peer, must not pass; null where nothing is promised. */
  readonly target: number | null;
  readonly samples: { readonly ours: readonly number[]; readonly theirs: readonly number[] };
}

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A row of medians. */
export function compare(
  scenario: string,
  measure: string,
  ours: readonly number[],
  peer?: { readonly name: string; readonly values: readonly number[] },
  target: number | null = null,
): Row {
  const mine = median(ours);
  const theirs = peer === undefined ? null : median(peer.values);
  return {
    scenario,
    measure,
    against: peer?.name ?? null,
    ours: round(mine),
    theirs: theirs === null ? null : round(theirs),
    ratio: theirs === null ? null : round(mine / theirs),
    target,
    samples: { ours, theirs: peer?.values ?? [] },
  };
}

const round = (value: number): number => Math.round(value * 1000) / 1000;
const spread = (values: readonly number[]): string =>
  values.length === 0 ? '' : `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;

/** The rows as a Markdown table. */
export function printTable(rows: readonly Row[]): string {
  const head = ['scenario', 'measure', 'ours', 'min–max', 'against', 'theirs', 'min–max', 'ratio', 'target', ''];
  const cells = rows.map(({ scenario, measure, against, ours, theirs, ratio, target, samples }) => [
    scenario,
    measure,
    ours.toFixed(2),
    spread(samples.ours),
    against ?? '',
    theirs?.toFixed(2) ?? '',
    spread(samples.theirs),
    ratio?.toFixed(2) ?? '',
    target === null ? '' : `≤ ${target}`,
    target === null ? '' : (ratio ?? ours) <= target ? 'met' : 'missed',
  ]);
  const widths = head.map((title, column) => Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)));
  const show = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return `${[show(head), show(widths.map((width) => '-'.repeat(width))), ...cells.map(show)].join('\n')}\n`;
}
