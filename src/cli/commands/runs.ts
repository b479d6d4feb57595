/** What the kinds of runs share in the API. */
import { commandHelp } from '../output/help.ts';
import type { RunError } from '../progress.ts';

/** The fields of every progress. */
export const progressFields = `
  status phase currentItem itemsDone itemsTotal bytesDone bytesTotal
  bytesPerSecond secondsLeft warningCount finished error { code message help }
`;

export interface RunWarning {
  readonly code: string;
  readonly subject: string;
  readonly message: string;
}

/** What ended a run, in lines. */
export function runProblemLines(
  run: {
    readonly error: RunError | null;
    readonly warnings: readonly RunWarning[];
    readonly warningCount: number;
  },
  clean: (text: string) => string,
): string[] {
  const lines: string[] = [];
  if (run.error !== null)
    lines.push(
      '',
      `error: ${clean(run.error.message)} [${run.error.code}]`,
      `       ${clean(commandHelp(run.error.code, run.error.help))}`,
    );
  if (run.warningCount > 0) lines.push('', `${run.warningCount} warning${run.warningCount === 1 ? '' : 's'}:`);
  for (const { code, subject, message } of run.warnings) {
    const text = message.includes(subject) ? message : `${subject}: ${message}`;
    lines.push(`  ${clean(text)} [${code}]`);
  }
  if (run.warningCount > run.warnings.length) lines.push(`  … and ${run.warningCount - run.warnings.length} more`);
  return lines;
}
