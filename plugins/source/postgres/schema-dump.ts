/** What the server's own program carries: definitions, and large objects. */
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { StrongroomError } from '../../../src/errors.ts';
import { type ServerAccess, toolEnvironment } from './connection.ts';
import { segmentOf } from '../database/segments.ts';
import { startTool, type Tool } from './tools.ts';

export interface DumpOrder {
  readonly tool: Tool;
  readonly access: ServerAccess;
  /** Of a transaction that stays open as long as the program runs. */
  readonly snapshot: string;
  readonly scratch: string;
  readonly signal: AbortSignal;
}

/** What is taken or left out, in the patterns of `pg_dump`. */
export interface DumpSelection {
  readonly includeTables: readonly string[];
  readonly excludeTables: readonly string[];
}

/** `pg_dump` asks for locks of its own; while somebody waits for one of ours, it waits behind him. */
const LOCK_TIMEOUT = '10s';

const COMMON = ['--format=custom', '--compress=0', '--no-password', `--lock-wait-timeout=${LOCK_TIMEOUT}`];

/**
 * Writes the definitions of everything to a file in `scratch`: an archive of the sections before and after the data. Answers
 * its path, or `locked` when it waited in vain for a lock.
 */
export async function dumpSchema(order: DumpOrder, { includeTables, excludeTables }: DumpSelection): Promise<string> {
  // Of its own for each database: while one is stored, the next one is dumped.
  const path = join(order.scratch, `${segmentOf(order.access.database)}.dumped`);
  const args = [
    ...COMMON,
    '--section=pre-data',
    '--section=post-data',
    `--snapshot=${order.snapshot}`,
    ...includeTables.map((pattern) => `--table=${pattern}`),
    ...excludeTables.map((pattern) => `--exclude-table=${pattern}`),
  ];
  await using dump = await start(order, args);
  await pipeline(dump.stdout, createWriteStream(path, { mode: 0o600 }));
  await dump.ended;
  return path;
}

/** Whether `dumpSchema` failed because it waited in vain for a lock. */
export const waitedForLock = (error: unknown): boolean =>
  error instanceof StrongroomError && error.code === 'SOURCE_TOOL_FAILED' && /lock/i.test(error.message);

/** Streams an archive of the large objects and nothing else. */
export async function* dumpLargeObjects(order: DumpOrder): AsyncGenerator<Uint8Array> {
  const args = [...COMMON, '--section=data', '--blobs', '--exclude-table-data=*.*', `--snapshot=${order.snapshot}`];
  await using dump = await start(order, args);
  yield* dump.stdout as AsyncIterable<Uint8Array>;
  await dump.ended;
}

async function start({ tool, access, scratch, signal }: DumpOrder, args: readonly string[]) {
  const running = startTool(tool, args, await toolEnvironment(access, access.database, scratch), signal);
  running.stdin.end();
  return running;
}
