/** The source over one PostgreSQL database, or several of one server. */
import type {
  DiscoveredItem,
  PluginHost,
  PreviewItem,
  PreviewRequest,
  ReadableEntry,
  ReadContext,
  ReadSelection,
  RestoreContext,
  RestoreEntry,
  RestoreRequest,
  Source,
  SourceContext,
  SourceYield,
} from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { previewFiles } from '../directory/preview.ts';
import { restoreFiles } from '../directory/restore-files.ts';
import type { DatabaseChoice } from '../database/database-choice.ts';
import { directoryEntry, fileEntry } from '../database/entries.ts';
import { segmentOf } from '../database/segments.ts';
import { chosenDatabases, listDatabases } from './chosen-databases.ts';
import { readCluster, writeCluster } from './cluster.ts';
import type { ServerAccess } from './connection.ts';
import { withClient } from './connection.ts';
import { clusterFile, databasesFolder } from './layout.ts';
import { previewDatabases } from './preview.ts';
import { discardDatabases, revertDatabases } from './previous-databases.ts';
import { discardTables, revertTables } from './previous-tables.ts';
import { readDatabase } from './read-database.ts';
import { type DatabaseRestore, restoreDatabases } from './restore.ts';
import { listTables, serverMajor } from './tables.ts';
import { findTool } from './tools.ts';

/** Most databases, and most tables, that `discover` lists. */
const MOST_ITEMS = 5_000;

export interface PostgresOptions {
  readonly choice: DatabaseChoice;
  /** Whether tables that the user may not read are left out with a warning. */
  readonly allowPartial: boolean;
  /** Whether the roles of the server are backed up as well. */
  readonly roles: boolean;
}

export class PostgresSource implements Source {
  readonly #access: ServerAccess;
  readonly #options: PostgresOptions;
  readonly #host: PluginHost;

  constructor(access: ServerAccess, options: PostgresOptions, host: PluginHost) {
    this.#access = access;
    this.#options = options;
    this.#host = host;
  }

  readonly restoresTables = true;

  get streamsAtOnce(): number {
    return this.#access.connections;
  }

  async check(_context: SourceContext): Promise<void> {
    for (const database of await this.#databases()) {
      const major = await withClient(this.#access, database, serverMajor);
      await findTool('pg_dump', major);
      await findTool('pg_restore', major);
    }
  }

  /** All databases of the server, then the tables of those that are backed up. */
  async *discover(_context: SourceContext): AsyncIterable<DiscoveredItem> {
    const databases = await this.#databases();
    const listed = await withClient(this.#access, databases[0] ?? this.#access.maintenanceDatabase, listDatabases);
    for (const database of listed.slice(0, MOST_ITEMS)) yield { kind: 'database', ...database };
    let left = MOST_ITEMS;
    for (const database of databases) {
      if (left === 0) return;
      const tables = await withClient(this.#access, database, (client) => listTables(client));
      for (const { oid: _, name, ...table } of tables.slice(0, left)) {
        yield { kind: 'table', name: this.#labelOf(database, name), ...table };
      }
      left -= Math.min(left, tables.length);
    }
  }

  /** What `layout.ts` describes; tables over several connections. */
  async *read(selection: ReadSelection, context: ReadContext): AsyncIterable<SourceYield> {
    throwIfCancelled(context.signal);
    yield directoryEntry('');
    const { allowPartial, roles } = this.#options;
    if (roles) yield fileEntry(clusterFile, [writeCluster(await readCluster(this.#access))]);
    yield directoryEntry(databasesFolder);
    const expected = { items: 0, bytes: 0 };
    for (const database of (await this.#databases()).toSorted(bySegment)) {
      const before = { ...expected };
      const inDatabase: ReadContext = {
        ...context,
        table: ({ name, ...table }) => context.table({ name: this.#labelOf(database, name), ...table }),
        expect: ({ items = 0, bytes = 0 }) => {
          Object.assign(expected, { items: before.items + items, bytes: before.bytes + bytes });
          context.expect(expected);
        },
      };
      yield* readDatabase({ ...this.#access, database }, { selection, allowPartial }, inDatabase);
    }
  }

  async restore(entries: AsyncIterable<RestoreEntry>, request: RestoreRequest, context: RestoreContext): Promise<void> {
    const { target, policy } = request;
    if (target.kind === 'directory') {
      const directory = await this.#host.allowedPath(target.path);
      await restoreFiles(entries, { target: directory, policy, context });
      return;
    }
    await restoreDatabases(entries, {
      access: this.#access,
      request,
      ...this.#names(request),
      context,
    });
  }

  async *preview(
    entries: AsyncIterable<ReadableEntry>,
    request: PreviewRequest,
    context: SourceContext,
  ): AsyncIterable<PreviewItem> {
    const { target, policy } = request;
    if (target.kind === 'directory') {
      yield* previewFiles(entries, { target: await this.#host.allowedPath(target.path), policy, context });
    } else yield* previewDatabases(entries, { access: this.#access, request, ...this.#names(request) });
  }

  async revert(restoreId: string, _context: SourceContext): Promise<void> {
    let reverted = await revertDatabases(this.#access, restoreId);
    for (const database of await this.#databases()) reverted += await revertTables(this.#access, database, restoreId);
    if (reverted === 0) throw new StrongroomError('RESTORE_NOT_KEPT', { restore: restoreId });
  }

  async discardPrevious(restoreId: string, _context: SourceContext): Promise<void> {
    await discardDatabases(this.#access, restoreId);
    for (const database of await this.#databases()) await discardTables(this.#access, database, restoreId);
  }

  /** Every connection is closed by the call that opened it. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #databases(): Promise<readonly string[]> {
    return chosenDatabases(this.#access, this.#options.choice);
  }

  #names(request: RestoreRequest): Pick<DatabaseRestore, 'nameFor' | 'labelOf'> {
    return {
      nameFor: (backedUp) => this.#nameFor(request, backedUp),
      labelOf: (database, table) => this.#labelOf(database, table),
    };
  }

  /** What a table is called: with its database, where there are several. */
  #labelOf(database: string, table: string): string {
    return this.#options.choice.kind === 'one' ? table : `${database}.${table}`;
  }

  #nameFor({ target }: RestoreRequest, backedUp: string): string {
    const { choice } = this.#options;
    const inPlace = choice.kind === 'one' ? choice.name : backedUp;
    const name = target.kind === 'database' ? target.name : inPlace;
    const bytes = Buffer.byteLength(name);
    if (bytes > 0 && bytes <= 63 && !name.includes('\0') && !['template0', 'template1'].includes(name)) return name;
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason: `"${name}" can't name a database` });
  }
}

const bySegment = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(segmentOf(a)), Buffer.from(segmentOf(b)));
