/** How far a run is, as the API tells it, and how it is shown. */
import { formatBytes, formatCount, formatDuration, formatWord } from './output/format.ts';
import type { Quantity } from './output/format.ts';
import type { Style } from './output/style.ts';
import { cutToWidth, displayWidth, printable } from './output/text.ts';

export interface RunError {
  readonly code: string;
  readonly message: string;
  readonly help: string;
}

export interface RunProgress {
  readonly status: string;
  readonly phase: string | null;
  readonly currentItem: string | null;
  readonly itemsDone: Quantity;
  readonly itemsTotal: Quantity;
  readonly bytesDone: Quantity;
  readonly bytesTotal: Quantity;
  readonly bytesPerSecond: number | null;
  readonly secondsLeft: number | null;
  readonly warningCount: number;
  readonly error: RunError | null;
  readonly finished: boolean;
  readonly addedBytes?: Quantity;
}

/** Done of total, from 0 to 1; undefined while the total is unknown and after the end. Bytes count before items. */
export function fractionDone(progress: RunProgress): number | undefined {
  const { finished, bytesDone, bytesTotal, itemsDone, itemsTotal } = progress;
  if (finished) return undefined;
  for (const [done, total] of [
    [bytesDone, bytesTotal],
    [itemsDone, itemsTotal],
  ] as const) {
    const whole = Number(total ?? 0);
    if (whole > 0) return Math.min(1, Number(done ?? 0) / whole);
  }
  return undefined;
}

const ofTotal = (done: string, total: string): string => (total === '-' ? done : `${done} of ${total}`);

const warnings = ({ warningCount }: RunProgress): string[] =>
  warningCount > 0 ? [`${warningCount} warning${warningCount === 1 ? '' : 's'}`] : [];

/** The figures of a moment, most important first; of an ended run only its warnings, its result tells the rest. */
function figures(progress: RunProgress): string[] {
  if (progress.finished) return warnings(progress);
  const parts = [
    ofTotal(formatBytes(progress.bytesDone ?? 0), formatBytes(progress.bytesTotal)),
    `${ofTotal(formatCount(progress.itemsDone ?? 0), formatCount(progress.itemsTotal))} items`,
  ];
  if (progress.addedBytes !== null && progress.addedBytes !== undefined) {
    parts.push(`${formatBytes(progress.addedBytes)} new`);
  }
  if (progress.bytesPerSecond !== null) parts.push(`${formatBytes(Math.round(progress.bytesPerSecond))}/s`);
  if (progress.secondsLeft !== null) parts.push(`${formatDuration(progress.secondsLeft)} left`);
  return [...parts, ...warnings(progress)];
}

const state = ({ status, phase }: RunProgress): string =>
  formatWord(status === 'RUNNING' && phase !== null ? phase : status);

const percent = (fraction: number | undefined): string =>
  fraction === undefined ? '' : `${Math.floor(fraction * 100)} %`;

/** One plain line for logs: state, percent, figures. */
export const progressText = (progress: RunProgress): string =>
  [state(progress), percent(fractionDone(progress)), ...figures(progress)].filter((part) => part !== '').join(', ');

/** A bar of `width` columns, in eighths of a column. */
export function progressBar(fraction: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, fraction)) * width * 8);
  const full = Math.floor(eighths / 8);
  const rest = eighths % 8;
  const part = rest === 0 ? '' : (['▏', '▎', '▍', '▌', '▋', '▊', '▉'][rest - 1] ?? '');
  return `${'█'.repeat(full)}${part}`.padEnd(width, '░');
}

/** Two lines for a terminal of `width` columns: state, bar and figures; then the current item. */
export function progressLines(progress: RunProgress, width: number, style: Style): readonly [string, string] {
  const fraction = fractionDone(progress);
  const head = state(progress).padEnd(10);
  const bar = fraction === undefined ? '' : progressBar(fraction, Math.max(8, Math.min(30, Math.floor(width / 5))));
  const share = fraction === undefined ? '' : percent(fraction).padStart(5);
  const shown = [bar, share].filter((part) => part !== '').join(' ');
  const lead = shown === '' ? head : `${head} ${shown}`;
  let detail = '';
  for (const part of figures(progress)) {
    const longer = detail === '' ? part : `${detail} · ${part}`;
    if (displayWidth(lead) + 2 + displayWidth(longer) > width) break;
    detail = longer;
  }
  const item = cutToWidth(printable(progress.currentItem ?? ''), Math.max(0, width - 2), 'end');
  const first =
    displayWidth(lead) > width
      ? cutToWidth(lead, width)
      : [style.strong(head), bar === '' ? '' : style.good(bar), share, detail === '' ? '' : ` ${detail}`]
          .filter((part) => part !== '')
          .join(' ');
  return [first, item === '' ? '' : style.faint(`  ${item}`)];
}
