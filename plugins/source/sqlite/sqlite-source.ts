/** The source over one SQLite database. */
import { lstat, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type {
  DiscoveredItem,
  EntryMetadata,
  PluginHost,
  PreviewItem,
  ReadContext,
  ReadSelection,
  RestoreContext,
  RestoreEntry,
  RestoreRequest,
  Source,
  SourceContext,
  SourceYield,
  StoredEntry,
} from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { previewFiles } from '../directory/preview.ts';
import { restoreFiles } from '../directory/restore-files.ts';
import { isMissing } from '../directory/warnings.ts';
import { copyDatabase } from './copy.ts';
import { beginReading, describeTables, openDatabase, sqliteError } from './database.ts';
import { restoreDatabase } from './restore.ts';

/** Most that `discover` may list. */
const MOST_ITEMS = 10_000;

export class SqliteSource implements Source {
  readonly #path: string;
  readonly #host: PluginHost;

  constructor(path: string, host: PluginHost) {
    this.#path = path;
    this.#host = host;
  }

  async check(context: SourceContext): Promise<void> {
    const path = await this.#place();
    await metadataOf(path);
    using database = openDatabase(path, { readOnly: true });
    await beginReading(database, context.signal).catch((error: unknown) => {
      throw sqliteError(path, error);
    });
  }

  async *discover(context: SourceContext): AsyncIterable<DiscoveredItem> {
    const path = await this.#place();
    await metadataOf(path);
    using database = openDatabase(path, { readOnly: true });
    const found: DiscoveredItem[] = [];
    for await (const table of describeTables(database, context.signal)) {
      found.push({ kind: 'table', ...table });
      if (found.length === MOST_ITEMS) break;
    }
    yield* found.toSorted((a, b) => (b.bytes ?? 0) - (a.bytes ?? 0));
  }

  /** The whole database, whatever tables are selected: a part of a file would be none. */
  async *read(_selection: ReadSelection, context: ReadContext): AsyncIterable<SourceYield> {
    const path = await this.#place();
    const metadata = await metadataOf(path);
    const copy = join(context.scratch, 'database');
    await copyDatabase(path, copy, context);
    yield { kind: 'directory', path: Buffer.alloc(0), metadata: {} };
    const content = { file: Buffer.from(copy), size: (await stat(copy)).size };
    yield { kind: 'file', path: Buffer.from(basename(path)), metadata, content };
  }

  async restore(entries: AsyncIterable<RestoreEntry>, request: RestoreRequest, context: RestoreContext): Promise<void> {
    const { target, policy } = request;
    const path = await this.#targetOf(request);
    if (target.kind === 'directory') await restoreFiles(entries, { target: path, policy, context });
    else await restoreDatabase(entries, path, policy, context);
  }

  async *preview(
    entries: AsyncIterable<StoredEntry>,
    request: RestoreRequest,
    context: SourceContext,
  ): AsyncIterable<PreviewItem> {
    const { target, policy } = request;
    const path = await this.#targetOf(request);
    if (target.kind === 'directory') yield* previewFiles(entries, { target: path, policy, context });
    else for await (const entry of entries) if (entry.kind === 'file') yield await itemFor(entry, path, policy);
  }

  /** Holds nothing between calls. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #place(): Promise<string> {
    return this.#host.allowedPath(this.#path);
  }

  #targetOf({ target }: RestoreRequest): Promise<string> {
    if (target.kind === 'inPlace') return this.#place();
    if (target.kind === 'directory') return this.#host.allowedPath(target.path);
    const reason = 'an SQLite database is a file: restore it into a directory';
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
  }
}

/**
 * Who may use the database. Nothing of what tells an unchanged file: what is handed over is a copy, and the original
 * may hold news in its `-wal` file alone, so that it is read every time.
 */
async function metadataOf(path: string): Promise<EntryMetadata> {
  try {
    const stats = await lstat(path);
    if (!stats.isFile()) throw new StrongroomError('SOURCE_MISSING', { subject: path });
    return { mode: stats.mode & 0o7777, uid: stats.uid, gid: stats.gid };
  } catch (error) {
    if (isMissing(error)) throw new StrongroomError('SOURCE_MISSING', { subject: path }, { cause: error });
    throw error;
  }
}

async function itemFor(entry: StoredEntry, path: string, policy: RestoreRequest['policy']): Promise<PreviewItem> {
  const there = await stat(path).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (there === undefined) return { action: 'ADD', subject: path, bytes: entry.size };
  const reason = `a database of ${there.size} bytes is there`;
  if (policy === 'FAIL') return { action: 'CONFLICT', subject: path, bytes: 0, reason };
  if (policy === 'SKIP') return { action: 'KEEP', subject: path, bytes: 0, reason };
  return { action: 'CHANGE', subject: path, bytes: entry.size, reason };
}
