/** Shows progress as it comes: drawn in place on a terminal, else as lines at a calm rate, or as JSON lines. */
import type { OutputStream } from './deps.ts';
import type { Output } from './output/output.ts';
import { progressLines, progressText } from './progress.ts';
import type { RunProgress } from './progress.ts';

/** Seconds between two plain lines of the same phase. */
const CALM_SECONDS = 10;

export interface ProgressView {
  show(progress: RunProgress): void;
  /** Takes away what was drawn, so that other lines can follow. */
  clear(): void;
}

function terminalView(stream: OutputStream, output: Output): ProgressView {
  let drawn = 0;
  const clear = (): void => {
    if (drawn > 0) stream.write(`\r\u001B[${drawn > 1 ? `${drawn - 1}A\u001B[` : ''}J`);
    drawn = 0;
  };
  return {
    clear,
    show(progress) {
      clear();
      // The last column stays free: terminals break the line when it is written.
      const lines = progressLines(progress, Math.max(20, (stream.columns ?? 80) - 1), output.noteStyle);
      stream.write(lines.join('\n'));
      drawn = lines.length;
    },
  };
}

function lineView(stream: OutputStream, now: () => Date): ProgressView {
  let last: { readonly key: string; readonly time: number } | undefined;
  return {
    clear: () => undefined,
    show(progress) {
      const key = `${progress.status} ${progress.phase}`;
      const time = now().getTime();
      if (!progress.finished && last?.key === key && time - last.time < CALM_SECONDS * 1000) return;
      last = { key, time };
      stream.write(`${progressText(progress)}\n`);
    },
  };
}

export interface ProgressViewOptions {
  readonly output: Output;
  readonly stderr: OutputStream;
  /** JSON lines are wanted: `--json --progress`. */
  readonly jsonLines: boolean;
  now(): Date;
}

/** Chooses the view. With `--json` or `--quiet` alone nothing is shown. */
export function createProgressView({ output, stderr, jsonLines, now }: ProgressViewOptions): ProgressView {
  if (output.json && jsonLines) {
    return { clear: () => undefined, show: (progress) => output.jsonLine({ progress }) };
  }
  if (output.json || output.quiet) return { clear: () => undefined, show: () => undefined };
  return stderr.isTTY === true ? terminalView(stderr, output) : lineView(stderr, now);
}
