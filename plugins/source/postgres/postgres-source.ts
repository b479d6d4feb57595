/** The source over one PostgreSQL database. */
import type {
  DiscoveredItem,
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
import { throwIfCancelled } from '../directory/cancel.ts';
import { previewFiles } from '../directory/preview.ts';
import { restoreFiles } from '../directory/restore-files.ts';
import { withClient } from './connection.ts';
import type { ServerAccess } from './connection.ts';
import { dumpDatabase } from './dump.ts';
import { previewDatabase } from './preview.ts';
import { restoreDatabase } from './restore.ts';
import { listTables, selectTables, serverMajor } from './tables.ts';
import { findTool } from './tools.ts';

/** Most databases and tables together that `discover` may list. */
const MOST_ITEMS = 10_000;

export class PostgresSource implements Source {
  readonly #access: ServerAccess;
  readonly #host: PluginHost;

  constructor(access: ServerAccess, host: PluginHost) {
    this.#access = access;
    this.#host = host;
  }

  async check(_context: SourceContext): Promise<void> {
    const major = await withClient(this.#access, this.#access.database, serverMajor);
    await findTool('pg_dump', major);
    await findTool('pg_restore', major);
  }

  async *discover(_context: SourceContext): AsyncIterable<DiscoveredItem> {
    const found = await withClient(this.#access, this.#access.database, async (client) => ({
      databases: await client.query<{ name: string; bytes: string | null }>(
        `SELECT datname AS name, CASE WHEN has_database_privilege(oid, 'CONNECT') THEN pg_database_size(oid) END AS bytes
           FROM pg_catalog.pg_database WHERE NOT datistemplate ORDER BY bytes DESC NULLS LAST, name LIMIT ${MOST_ITEMS / 2}`,
      ),
      tables: await listTables(client),
    }));
    for (const { name, bytes } of found.databases.rows) {
      yield { kind: 'database', name, ...(bytes === null ? {} : { bytes: Number(bytes) }) };
    }
    for (const { oid: _, ...table } of found.tables.slice(0, MOST_ITEMS / 2)) yield { kind: 'table', ...table };
  }

  /** One file, `<database>.dump`, in PostgreSQL's custom format; its length is not known beforehand. */
  async *read(selection: ReadSelection, context: ReadContext): AsyncIterable<SourceYield> {
    const access = this.#access;
    throwIfCancelled(context.signal);
    const { major, tables } = await withClient(access, access.database, async (client) => ({
      major: await serverMajor(client),
      tables: await selectTables(client, selection),
    }));
    const tool = await findTool('pg_dump', major);
    for (const table of tables) context.table(table);
    context.expect({ items: 1, bytes: tables.reduce((sum, table) => sum + (table.bytes ?? 0), 0) });
    yield { kind: 'directory', path: Buffer.alloc(0), metadata: { mode: 0o700 } };
    yield {
      kind: 'file',
      path: Buffer.from(`${access.database.replaceAll('/', '_')}.dump`),
      metadata: { mode: 0o600 },
      content: { stream: (signal) => dumpDatabase(tool, access, selection, signal) },
    };
  }

  async restore(entries: AsyncIterable<RestoreEntry>, request: RestoreRequest, context: RestoreContext): Promise<void> {
    const { target, policy } = request;
    if (target.kind === 'directory') {
      const directory = await this.#host.allowedPath(target.path);
      await restoreFiles(entries, { target: directory, policy, context });
      return;
    }
    await restoreDatabase(entries, this.#access, this.#nameOf(request), policy, context);
  }

  async *preview(
    entries: AsyncIterable<StoredEntry>,
    request: RestoreRequest,
    context: SourceContext,
  ): AsyncIterable<PreviewItem> {
    const { target, policy } = request;
    if (target.kind === 'directory') {
      yield* previewFiles(entries, { target: await this.#host.allowedPath(target.path), policy, context });
    } else yield* previewDatabase(entries, this.#access, this.#nameOf(request), policy);
  }

  /** Every connection is closed by the call that opened it. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #nameOf({ target }: RestoreRequest): string {
    const name = target.kind === 'database' ? target.name : this.#access.database;
    const bytes = Buffer.byteLength(name);
    if (bytes > 0 && bytes <= 63 && !name.includes('\0') && !['template0', 'template1'].includes(name)) return name;
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason: `"${name}" can't name a database` });
  }
}
