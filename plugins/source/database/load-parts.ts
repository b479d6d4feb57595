/** Fills tables that are there and empty, several at once, and proves that they hold what was backed up. */
import { createHash } from 'node:crypto';
import type { RestoreContext, RestoreEntry, TableInfo } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { checksumOf } from './table-progress.ts';

/** A table and the files with its rows. */
export interface TableToLoad<F> {
  /** As the backup calls it. */
  readonly name: string;
  readonly facts: F;
  readonly parts: readonly RestoreEntry[];
  /** What the backup counted. */
  readonly expected: TableInfo | undefined;
}

/** One of those files. */
export interface PartToLoad<F> {
  readonly table: TableToLoad<F>;
  readonly entry: RestoreEntry;
  readonly position: number;
}

/** Writes a part's rows in one transaction; resolves with their number. Rejects with what the server says. */
export type PartLoader<F> = (part: PartToLoad<F>, rows: AsyncIterable<Uint8Array>) => Promise<number>;

/** Runs `work` with a loader that has a connection of its own, closed afterwards, or when the signal is aborted. */
export type WithLoader<F> = (signal: AbortSignal, work: (load: PartLoader<F>) => Promise<void>) => Promise<void>;

interface LoadedPart {
  readonly rows: number;
  readonly checksum: string;
}

/**
 * Loads all rows over as many connections as are given; reports each table that is complete. Throws `RESTORE_FAILED` where
 * rows or bytes are not those that were backed up, or a loader rejects; else the first error.
 */
export async function loadParts<F>(
  tables: readonly TableToLoad<F>[],
  connections: number,
  context: RestoreContext,
  withLoader: WithLoader<F>,
): Promise<void> {
  // Tables with the largest parts first, so that no connection is left alone with one at the end; parts in order, since what lies next to
  // each other in a table does so in the repository.
  const largest = ({ parts }: TableToLoad<F>): number => Math.max(...parts.map(({ size }) => size));
  const parts = tables
    .toSorted((a, b) => largest(b) - largest(a))
    .flatMap((table) => table.parts.map((entry, position) => ({ table, entry, position })));
  const queue = parts.values();
  const results = new Map<TableToLoad<F>, LoadedPart[]>();
  const end = new AbortController();
  const signal = AbortSignal.any([context.signal, end.signal]);
  let first: { readonly error: unknown } | undefined;
  const worker = async (): Promise<void> => {
    try {
      await withLoader(signal, async (load) => {
        for (const part of queue) {
          throwIfCancelled(signal);
          const loaded = await loadPart(load, part);
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
  await Promise.all(Array.from({ length: Math.min(connections, parts.length) }, worker));
  throwIfCancelled(context.signal);
  if (first !== undefined) throw first.error;
}

async function loadPart<F>(load: PartLoader<F>, part: PartToLoad<F>): Promise<LoadedPart> {
  const hash = createHash('sha256');
  const content = async function* (): AsyncGenerator<Uint8Array> {
    for await (const piece of part.entry.read()) {
      hash.update(piece);
      yield piece;
    }
  };
  try {
    const rows = await load(part, content());
    return { rows, checksum: hash.digest('hex') };
  } catch (error) {
    if (error instanceof StrongroomError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StrongroomError('RESTORE_FAILED', { subject: `table ${part.table.name}`, reason }, { cause: error });
  }
}

function report<F>(
  { name, parts, expected }: TableToLoad<F>,
  loaded: readonly LoadedPart[],
  context: RestoreContext,
): void {
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
