/** A server that its service left behind, because that was killed. */
import { readFile, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { execa } from 'execa';
import { StrongroomError } from '../../errors.ts';
import type { EmbeddedLayout } from './layout.ts';

const LOOK_EVERY_MS = 50;
const FAST_MS = 30_000;
const AT_ONCE_MS = 10_000;

/**
 * Stops the server that still runs on the cluster, and clears the note of one that does not. Only for the holder of the
 * lock: nobody else starts or stops a server there meanwhile.
 */
export async function stopOrphan(layout: EmbeddedLayout, log: (message: string) => void): Promise<void> {
  const note = join(layout.cluster, 'postmaster.pid');
  const pid = await notedProcess(note);
  if (pid === undefined) return;
  if (!(await isServerOf(pid, layout.cluster))) {
    // PostgreSQL goes by the number alone, which another process may have got meanwhile, in a container nearly always.
    await unlink(note);
    return;
  }
  log('The embedded PostgreSQL still runs, because the service before was killed; it is stopped first.');
  process.kill(pid, 'SIGINT');
  if (await ends(pid, layout.cluster, FAST_MS)) return;
  process.kill(pid, 'SIGQUIT');
  if (await ends(pid, layout.cluster, AT_ONCE_MS)) return;
  const reason = `the embedded PostgreSQL of an earlier start (process ${pid}) does not stop; end it by hand.`;
  throw new StrongroomError('CATALOGUE_UNAVAILABLE', { reason });
}

async function notedProcess(note: string): Promise<number | undefined> {
  try {
    const pid = Number((await readFile(note, 'utf8')).split('\n')[0]);
    return Number.isInteger(pid) && pid > 1 ? pid : 0;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whether the process is the server of this cluster, by its command line. */
async function isServerOf(pid: number, cluster: string): Promise<boolean> {
  if (pid === 0) return false;
  const command =
    process.platform === 'linux'
      ? (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ')
      : (await execa('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { reject: false })).stdout;
  return command.includes('postgres') && command.includes(` -D ${cluster} `);
}

async function ends(pid: number, cluster: string, milliseconds: number): Promise<boolean> {
  const deadline = performance.now() + milliseconds;
  while (performance.now() < deadline) {
    if (!(await isServerOf(pid, cluster))) return true;
    await delay(LOOK_EVERY_MS);
  }
  return false;
}
