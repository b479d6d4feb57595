/** Runs whole processes and measures them. */
import { readFile } from 'node:fs/promises';
import { execa, type Options } from 'execa';

/** Runs a program to its end and answers the seconds from its start to its exit; throws when it fails. */
export type Run = (program: string, parameters: readonly string[], options?: Options) => Promise<number>;

/** A `Run` whose processes end when `signal` is aborted. */
export const runner =
  (signal: AbortSignal): Run =>
  async (program, parameters, options = {}) => {
    const started = performance.now();
    await execa(program, parameters, { ...options, cancelSignal: signal, stdin: 'ignore', maxBuffer: 2 ** 20 });
    return (performance.now() - started) / 1000;
  };

/** The most memory that a running process has had in use at once (`VmHWM`), in MB (10^6 bytes). */
export async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return (Number(/VmHWM:\s+(\d+) kB/.exec(status)?.[1] ?? Number.NaN) * 1024) / 1e6;
}

/** Seconds that a running process has spent on a core so far, with all its threads, without other processes that it started. */
export async function processorSeconds(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  // The second field is a name in brackets that may hold anything; user and system time are the 14th and 15th.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_A_SECOND;
}

/** Linux tells programs times in this unit on every architecture that Node runs on. */
const TICKS_A_SECOND = 100;

/** Bytes that the files at or below a path hold, in MB (10^6 bytes). */
export async function sizeOf(path: string): Promise<number> {
  const { stdout } = await execa('find', [path, '-type', 'f', '-printf', String.raw`%s\n`]);
  return stdout.split('\n').reduce((sum, line) => sum + Number(line), 0) / 1e6;
}

/**
 * Makes the state alike in which every tool starts: what earlier runs wrote is on the disk, and what is at `path` is in the page
 * cache, as far as memory holds it.
 */
export async function settle(run: Run, path: string): Promise<void> {
  await run('sync', []);
  await run('bash', ['-c', 'tar -cf - -C / "${0#/}" | cat > /dev/null', path]);
}
