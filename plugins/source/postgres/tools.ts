/** Finds the server's own programs and runs them. */
import { readdir } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { execa } from 'execa';
import { StrongroomError } from '../../../src/errors.ts';
import { isMissing } from '../directory/warnings.ts';

export type ToolName = 'pg_dump' | 'pg_restore';

export interface Tool {
  readonly name: ToolName;
  /** Absolute. */
  readonly path: string;
  readonly major: number;
}

/** Directories with one folder a version, out of the PATH. */
const VERSIONED = [
  { directory: '/usr/lib/postgresql', pattern: /^\d+$/ },
  { directory: '/usr', pattern: /^pgsql-\d+$/ },
];
const STDERR_TAIL = 4_096;

/**
 * The program of the server's own version, else the next newer one: an older one can't read the server, and a newer one may
 * write what an older server does not know. Throws `SOURCE_TOOL_MISSING` or `SOURCE_TOOL_TOO_OLD`.
 * @param least where none is new enough for the server, the newest since this version will do: to write what an archive holds, a program
 *   must be as new as the archive
 */
export async function findTool(name: ToolName, serverMajor: number, least = serverMajor): Promise<Tool> {
  const found: Tool[] = [];
  for (const path of await candidates(name)) {
    const major = await majorOf(path);
    if (major !== undefined) found.push({ name, path, major });
  }
  const fitting = found.filter((tool) => tool.major >= serverMajor).toSorted((a, b) => a.major - b.major)[0];
  if (fitting !== undefined) return fitting;
  const newest = found.toSorted((a, b) => b.major - a.major)[0];
  if (newest !== undefined && newest.major >= least) return newest;
  if (newest === undefined)
    throw new StrongroomError('SOURCE_TOOL_MISSING', { tool: name, package: 'postgresql-client' });
  throw new StrongroomError('SOURCE_TOOL_TOO_OLD', { tool: name, found: newest.major, needed: least });
}

async function candidates(name: ToolName): Promise<readonly string[]> {
  const paths: string[] = [];
  for (const { directory, pattern } of VERSIONED) {
    const versions = await readdir(directory).catch((error: unknown) => {
      if (isMissing(error)) return [];
      throw error;
    });
    for (const version of versions) if (pattern.test(version)) paths.push(`${directory}/${version}/bin/${name}`);
  }
  const inPath = await execa('sh', ['-c', 'command -v "$0"', name], { reject: false, timeout: 10_000 });
  if (inPath.exitCode === 0) paths.push(inPath.stdout);
  return paths;
}

async function majorOf(path: string): Promise<number | undefined> {
  const said = await execa(path, ['--version'], {
    reject: false,
    timeout: 10_000,
    extendEnv: false,
    env: { LC_ALL: 'C', PATH: '/usr/bin:/bin' },
  });
  const major = said.exitCode === 0 ? /\(PostgreSQL\) (\d+)/.exec(said.stdout)?.[1] : undefined;
  return major === undefined ? undefined : Number(major);
}

/** A program under way. */
export interface RunningTool extends AsyncDisposable {
  readonly stdin: Writable;
  readonly stdout: Readable;
  /** Resolves when it ended well; rejects with `SOURCE_TOOL_FAILED` and the end of what it said, or with `CANCELLED`. */
  readonly ended: Promise<void>;
}

/** Starts a program with `env` as its whole environment. It is killed on abort, and on disposal if it still runs. */
export function startTool(
  tool: Tool,
  args: readonly string[],
  env: Record<string, string>,
  signal: AbortSignal,
): RunningTool {
  const child = execa(tool.path, args, {
    env,
    extendEnv: false,
    buffer: false,
    reject: false,
    stdin: 'pipe',
    stdout: 'pipe',
    stderr: 'pipe',
    forceKillAfterDelay: 1_000,
    cancelSignal: signal,
  });
  let said = Buffer.alloc(0);
  child.stderr.on('data', (part: Buffer) => {
    said = Buffer.concat([said, part]).subarray(-STDERR_TAIL);
  });
  const end = async (): Promise<void> => {
    const result = await child;
    if (signal.aborted) throw new StrongroomError('CANCELLED', {}, { cause: signal.reason });
    if (!result.failed) return;
    const reason = said.toString().trim() || result.shortMessage || 'it ended without a word';
    throw new StrongroomError('SOURCE_TOOL_FAILED', { tool: tool.name, reason });
  };
  const ended = end();
  // Whoever reads or feeds the program fails first where it fails; they then ask `ended` for the reason.
  ended.catch(() => undefined);
  return {
    stdin: child.stdin,
    stdout: child.stdout,
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await child;
    },
  };
}
