/** Runs `pg_restore`. */
import { pipeline } from 'node:stream/promises';
import { StrongroomError } from '../../../src/errors.ts';
import { type ServerAccess, toolEnvironment } from './connection.ts';
import { startTool, type Tool } from './tools.ts';

export interface RestoreTool {
  readonly tool: Tool;
  readonly access: ServerAccess;
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/** Pieces that a pipe may hold on to. */
async function* owned(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) yield piece.slice();
}

/** Runs it against a database, with an archive in its arguments or as its input; the first error ends it. */
export async function runRestore(
  { tool, access, scratch, signal }: RestoreTool,
  database: string,
  args: readonly string[],
  input?: AsyncIterable<Uint8Array>,
): Promise<void> {
  const environment = await toolEnvironment(access, database, scratch);
  const all = ['--exit-on-error', '--no-password', `--dbname=${database}`, ...args];
  await using restore = startTool(tool, all, environment, signal);
  restore.stdout.resume();
  try {
    if (input === undefined) restore.stdin.end();
    else await pipeline(owned(input), restore.stdin);
  } catch (error) {
    if (error instanceof StrongroomError) throw error;
    await restore.ended;
    throw error;
  }
  await restore.ended;
}
