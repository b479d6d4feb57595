/** Runs a whole process and measures it. */
import { readFile } from 'node:fs/promises';
import { execa, type Options } from 'execa';

export interface Measured {
  readonly seconds: number;
  readonly stdout: string;
}

/** Wall time from start to exit; throws when the process fails. */
export async function measure(
  program: string,
  parameters: readonly string[],
  options: Options = {},
): Promise<Measured> {
  const started = performance.now();
  const { stdout } = await execa(program, parameters, { ...options, maxBuffer: 64 * 2 ** 20 });
  return { seconds: (performance.now() - started) / 1000, stdout: String(stdout ?? '') };
}

/** The most memory that a running process has had at once, in MB (10^6 bytes). */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
}

/** Bytes that the files below a folder hold, in MB (10^6 bytes). */
export async function sizeOf(path: string): Promise<number> {
  const { stdout } = await execa('du', ['--apparent-size', '--bytes', '--summarize', path]);
  return Number(stdout.split('\t')[0]) / 1e6;
}
