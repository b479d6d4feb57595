/** Fills tables that are there and empty, several at once. */
import { createHash } from 'node:crypto';
import type pg from 'pg';
import type { RestoreContext, RestoreEntry, TableInfo } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { openClient, type ServerAccess, serverError } from './connection.ts';
import { copyIn } from './copy-in.ts';
import type { TableFacts } from './facts.ts';
import { qualified } from './found-tables.ts';
import { copyInto } from './parts.ts';
import { PORTABLE_TEXT } from './session-settings.ts';
import { checksumOf } from './table-progress.ts';

/** A table and the files with its rows. */
export interface TableToLoad {
  /** As the backup calls it. */
  readonly name: string;
  readonly facts: TableFacts;
  readonly parts: readonly RestoreEntry[];
  /** What the backup counted. */
  readonly expected: TableInfo | undefined;
}

interface Part {
  readonly table: TableToLoad;
  readonly entry: RestoreEntry;
  readonly position: number;
}

interface LoadedPart {
  readonly rows: number;
  readonly checksum: string;
}

/** For copies, which take as long as they take. */
const ANY_TIME = 0;

/**
 * Copies all rows in, over as many connections as `access` allows; reports each table that is complete. Throws `RESTORE_FAILED` where
 * rows or bytes are not those that were backed up, and what the server says.
 */
export async function loadRows(
  access: ServerAccess,
  database: string,
  encoding: string,
  tables: readonly TableToLoad[],
  context: RestoreContext,
): Promise<void> {
  // Tables with the largest parts first, so that no connection is left alone with one at the end; parts in order, since what lies next to
  // each other in a table does so in the repository.
  const largest = ({ parts }: TableToLoad): number => Math.max(...parts.map(({ size }) => size));
  const parts = tables
    .toSorted((a, b) => largest(b) - largest(a))
    .flatMap((table) => table.parts.map((entry, position) => ({ table, entry, position })));
  const queue = parts.values();
  const results = new Map<TableToLoad, LoadedPart[]>();
  const end = new AbortController();
  const signal = AbortSignal.any([context.signal, end.signal]);
  let first: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    try {
      await withLoader(access, database, signal, async (client) => {
        for (const part of queue) {
          throwIfCancelled(signal);
          const loaded = await loadPart(client, encoding, part);
          const { path, size: bytes } = part.entry;
          context.done({ path, kind: 'file', bytes });
          const done = results.get(part.table) ?? [];
          done[part.position] = loaded;
          results.set(part.table, done);
          if (done.filter((one) => one !== undefined).length === part.table.parts.length)
            report(part.table, done, context);
        }
      });
    } catch (error) {
      // Those that end because of it must not speak in its place.
      first ??= { error };
      end.abort();
    }
  };
  await Promise.all(Array.from({ length: Math.min(access.connections, parts.length) }, worker));
  throwIfCancelled(context.signal);
  if (first !== undefined) throw serverError(access, database, first.error);
}

async function withLoader(
  access: ServerAccess,
  database: string,
  signal: AbortSignal,
  work: (client: pg.Client) => Promise<void>,
): Promise<void> {
  const client = await openClient(access, database, ANY_TIME);
  const abort = (): void => void client.end();
  signal.addEventListener('abort', abort, { once: true });
  try {
    // What is loaded counts only once a later commit has reached the disk, and with it everything before it.
    await client.query(`${PORTABLE_TEXT}; SET synchronous_commit = off`);
    await work(client);
  } finally {
    signal.removeEventListener('abort', abort);
    await client.end();
  }
}

/** One part in one transaction. A table that comes in one part is marked as seen by all from the start: nothing has to visit its rows again. */
async function loadPart(client: pg.Client, encoding: string, { table, entry }: Part): Promise<LoadedPart> {
  const { name, facts, parts } = table;
  const freeze = parts.length === 1 && !facts.ofExtension;
  const hash = createHash('sha256');
  const content = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of entry.read()) {
      hash.update(piece);
      yield piece;
    }
  };
  try {
    await client.query(freeze ? `BEGIN; TRUNCATE ONLY ${qualified(facts)}` : 'BEGIN');
    const rows = await copyIn(client, copyInto(facts, encoding, freeze), content());
    await client.query('COMMIT');
    return { rows, checksum: hash.digest('hex') };
  } catch (error) {
    if (error instanceof StrongroomError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('RESTORE_FAILED', { subject: `table ${name}`, reason }, { cause: error });
  }
}

function report({ name, parts, expected }: TableToLoad, loaded: readonly LoadedPart[], context: RestoreContext): void {
  const rows = loaded.reduce((sum, part) => sum + part.rows, 0);
  const checksum = checksumOf(loaded.map((part) => part.checksum));
  const differs = (what: string): StrongroomError =>
    new StrongroomError('RESTORE_FAILED', { subject: `table ${name}`, reason: what });
  if (expected?.rows !== undefined && expected.rows !== rows) {
    throw differs(`${rows} rows were written, and ${expected.rows} had been backed up`);
  }
  if (expected?.checksum !== undefined && expected.checksum !== checksum) {
    throw differs('its rows are not those that were backed up: their checksum differs');
  }
  context.table({ name, rows, bytes: parts.reduce((sum, { size }) => sum + size, 0), checksum });
}
