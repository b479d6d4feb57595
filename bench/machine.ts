/** What a benchmark was run on. */
import { open, readFile, rm } from 'node:fs/promises';
import { availableParallelism, cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { isInstalled } from '../test/support/programs.ts';

export const machineShape = z.strictObject({
  processor: z.string(),
  cores: z.number(),
  /** 10^9 bytes. */
  memoryGB: z.number(),
  system: z.string(),
  fileSystem: z.string(),
  /** What one program writes and flushes to the disk at once, in 10^6 bytes a second. */
  diskMBs: z.number(),
  /** By program. */
  versions: z.record(z.string(), z.string()),
});
export type Machine = z.infer<typeof machineShape>;

/** Looks at this machine, and writes half a gigabyte below `place` to see how quick its disk is. */
export async function describeMachine(place: string): Promise<Machine> {
  return {
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryGB: Math.round(totalmem() / 1e8) / 10,
    system: `${await distribution()}, ${type()} ${release()}`,
    fileSystem: (await execa('stat', ['--file-system', '--format=%T', place])).stdout,
    diskMBs: Math.round(await writeSpeed(join(place, 'speed'))),
    versions: await versions(),
  };
}

async function distribution(): Promise<string> {
  const text = await readFile('/etc/os-release', 'utf8');
  return /^PRETTY_NAME="?([^"\n]*)/m.exec(text)?.[1] ?? 'unknown';
}

async function writeSpeed(path: string): Promise<number> {
  const piece = Buffer.alloc(8e6, 'strongroom');
  const pieces = 64;
  const started = performance.now();
  {
    await using file = await open(path, 'w');
    for (let count = 0; count < pieces; count++) await file.writeFile(piece);
    await file.sync();
  }
  const seconds = (performance.now() - started) / 1000;
  await rm(path);
  return (pieces * piece.length) / 1e6 / seconds;
}

async function versions(): Promise<Record<string, string>> {
  const found: Record<string, string> = { node: process.versions.node };
  for (const [program, parameter] of [
    ['restic', 'version'],
    ['borg', '--version'],
    ['zstd', '--version'],
    ['tar', '--version'],
  ] as const) {
    if (!(await isInstalled(program))) continue;
    const { stdout } = await execa(program, [parameter]);
    found[program] = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'unknown';
  }
  return found;
}
