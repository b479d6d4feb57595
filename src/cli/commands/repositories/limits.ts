/** The bandwidth limits of a repository as options. */
import type { StrongroomCommand } from '../../command.ts';
import { byteRate } from '../../input/values.ts';

export interface LimitOptions {
  readonly limitUpload?: string;
  readonly limitDownload?: string;
}

/** Adds `--limit-upload` and `--limit-download`. */
export const withLimits = (command: StrongroomCommand): StrongroomCommand =>
  command
    .option('--limit-upload <speed>', 'how fast each worker may write to it: 10MiB/s, 500kB/s, none', byteRate)
    .option('--limit-download <speed>', 'how fast each worker may read from it: 10MiB/s, 500kB/s, none', byteRate);

/** The fields of the input; undefined where the option was not given. */
export const limitsInput = ({ limitUpload, limitDownload }: LimitOptions) => ({
  uploadBytesPerSecond: limitUpload,
  downloadBytesPerSecond: limitDownload,
});
