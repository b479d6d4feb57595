/** Rows of a benchmark, and how they are shown. */

export interface Row {
  readonly scenario: string;
  /** What was measured, with its unit: `first backup, s`. */
  readonly measure: string;
  /** The peer, `itself` for growth, or null where there is none. */
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
    ours: rounded(mine),
    theirs: theirs === null ? null : rounded(theirs),
    ratio: theirs === null ? null : rounded(mine / theirs),
    target,
    samples: { ours: ours.map(rounded), theirs: (peer?.values ?? []).map(rounded) },
  };
}

const rounded = (value: number): number => Math.round(value * 1000) / 1000;

/** Whether a row holds what was promised; undefined where nothing was. */
export const isMet = ({ ours, ratio, target }: Row): boolean | undefined =>
  target === null ? undefined : (ratio ?? ours) <= target;

/** Column titles of `rowCells`. */
export const ROW_HEAD = [
  'scenario',
  'measure',
  'ours',
  'min–max',
  'against',
  'theirs',
  'min–max',
  'ratio',
  'min–max',
  'target',
  '',
] as const;

/** A row as text. The ratio is that of the medians; its range is that of the rounds, each tool's time beside ours of the same round. */
export function rowCells(row: Row): readonly string[] {
  const { scenario, measure, against, ours, theirs, ratio, target, samples } = row;
  const met = isMet(row);
  return [
    scenario,
    measure,
    ours.toFixed(2),
    range(samples.ours),
    against ?? '',
    theirs?.toFixed(2) ?? '',
    range(samples.theirs),
    ratio?.toFixed(2) ?? '',
    range(ratios(samples)),
    target === null ? '' : `≤ ${target}`,
    met === undefined ? '' : met ? 'met' : 'missed',
  ];
}

const ratios = ({ ours, theirs }: Row['samples']): readonly number[] =>
  ours.flatMap((mine, round) => {
    const other = theirs[round];
    return other === undefined ? [] : [mine / other];
  });

const range = (values: readonly number[]): string =>
  values.length === 0 ? '' : `${Math.min(...values).toFixed(2)}–${Math.max(...values).toFixed(2)}`;

/** The rows as a table for a terminal. */
export function printTable(rows: readonly Row[]): string {
  const cells = rows.map(rowCells);
  const widths = ROW_HEAD.map((title, column) =>
    Math.max(title.length, ...cells.map((row) => row[column]?.length ?? 0)),
  );
  const show = (row: readonly string[]): string =>
    `| ${row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return `${[show(ROW_HEAD), show(widths.map((width) => '-'.repeat(width))), ...cells.map(show)].join('\n')}\n`;
}
