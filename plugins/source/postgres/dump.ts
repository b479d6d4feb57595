/** Streams a dump of one database. */
import type { ReadSelection } from '../../../src/contracts/index.ts';
import type { ServerAccess } from './connection.ts';
import { toolEnvironment } from './connection.ts';
import { startTool } from './tools.ts';
import type { Tool } from './tools.ts';

/**
 * The dump in PostgreSQL's custom format, one consistent view of the database, as fast as it is consumed. Not compressed:
 * it so deduplicates, and the repository compresses. Throws when `pg_dump` fails, so that half a dump is never kept.
 */
export async function* dumpDatabase(
  tool: Tool,
  access: ServerAccess,
  selection: ReadSelection,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  const args = ['--format=custom', '--compress=0', '--no-password', '--lock-wait-timeout=60s'];
  for (const pattern of selection.includeTables ?? []) args.push(`--table=${pattern}`);
  for (const pattern of selection.excludeTables ?? []) args.push(`--exclude-table=${pattern}`);
  await using dump = startTool(tool, args, toolEnvironment(access, access.database), signal);
  dump.stdin.end();
  yield* dump.stdout as AsyncIterable<Uint8Array>;
  await dump.ended;
}
