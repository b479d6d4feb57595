/** The source over databases of one MariaDB or MySQL server. */
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
import type { DatabaseChoice } from '../database/database-choice.ts';
import { directoryEntry, fileEntry } from '../database/entries.ts';
import { segmentOf } from '../database/segments.ts';
import { throwIfCancelled } from '../directory/cancel.ts';
import { previewFiles } from '../directory/preview.ts';
import { restoreFiles } from '../directory/restore-files.ts';
import { chosenDatabases, isSystemDatabase, listDatabases } from './chosen-databases.ts';
import { type ServerAccess, withConnection } from './connection.ts';
import { findTables, hasOwnRows } from './found-tables.ts';
import { databasesFolder, usersFile } from './layout.ts';
import { previewDatabases } from './preview.ts';
import { discardKept, revertRestore } from './previous.ts';
import { readDatabases } from './read-databases.ts';
import { restoreDatabases } from './restore.ts';
import type { DatabaseRestore } from './restore-plan.ts';
import { readServerVersion } from './server.ts';
import { unreadableOf } from './unreadable.ts';
import { readUsers, type UserFacts, writeUsers } from './users.ts';

/** Most databases, and most tables, that `discover` lists. */
const MOST_ITEMS = 5_000;
const LONGEST_NAME = 64;

export interface MysqlOptions {
  readonly choice: DatabaseChoice;
  /** Whether what the user may not see is left out with a warning. */
  readonly allowPartial: boolean;
  /** Whether tables without transactions are kept from being written. */
  readonly lockNonTransactional: boolean;
  /** Whether the users of the server are backed up as well. */
  readonly users: boolean;
}

export class MysqlSource implements Source {
  readonly #access: ServerAccess;
  readonly #options: MysqlOptions;
  readonly #host: PluginHost;

  constructor(access: ServerAccess, options: MysqlOptions, host: PluginHost) {
    this.#access = access;
    this.#options = options;
    this.#host = host;
  }

  readonly restoresTables = true;

  get streamsAtOnce(): number {
    return this.#access.connections;
  }

  async check({ signal }: SourceContext): Promise<void> {
    const { allowPartial, users } = this.#options;
    const databases = await this.#databases(signal);
    await withConnection(this.#access, signal, async (connection) => {
      const server = await readServerVersion(connection);
      for (const database of databases) {
        const tables = (await findTables(connection, server, database)).filter(hasOwnRows);
        await unreadableOf(connection, this.#access, server, { database, tables }, allowPartial);
      }
    });
    if (users) await this.#users(signal);
  }

  /** All databases of the server, then the tables of those that are backed up. */
  async *discover({ signal }: SourceContext): AsyncIterable<DiscoveredItem> {
    const databases = await this.#databases(signal);
    const listed = await withConnection(this.#access, signal, listDatabases);
    for (const database of listed.slice(0, MOST_ITEMS)) yield { kind: 'database', ...database };
    let left = MOST_ITEMS;
    for (const database of databases) {
      if (left === 0) return;
      const tables = await withConnection(this.#access, signal, async (connection) =>
        findTables(connection, await readServerVersion(connection), database),
      );
      const largest = tables.filter(({ kind }) => kind === 'table').toSorted((a, b) => b.bytes - a.bytes);
      for (const { name, rows, bytes, indexBytes } of largest.slice(0, left)) {
        const label = this.#labelOf(database, name);
        yield { kind: 'table', name: label, ...(rows !== undefined && { rows }), bytes: bytes + indexBytes };
      }
      left -= Math.min(left, largest.length);
    }
  }

  /** What `layout.ts` describes; tables over several connections, all databases in one view. */
  async *read(selection: ReadSelection, context: ReadContext): AsyncIterable<SourceYield> {
    const { signal } = context;
    throwIfCancelled(signal);
    yield directoryEntry('');
    const databases = (await this.#databases(signal)).toSorted(bySegment);
    // Their file comes last, and whoever may not see them hears of it first.
    const users = this.#options.users ? await this.#users(signal) : undefined;
    yield directoryEntry(databasesFolder);
    yield* readDatabases(
      this.#access,
      databases,
      { selection, ...this.#options, labelOf: (database, table) => this.#labelOf(database, table) },
      context,
    );
    if (users !== undefined) yield fileEntry(usersFile, [writeUsers(users)]);
  }

  async restore(entries: AsyncIterable<RestoreEntry>, request: RestoreRequest, context: RestoreContext): Promise<void> {
    const { target, policy } = request;
    if (target.kind === 'directory') {
      const directory = await this.#host.allowedPath(target.path);
      await restoreFiles(entries, { target: directory, policy, context });
      return;
    }
    await restoreDatabases(entries, { access: this.#access, request, ...this.#names(request), context });
  }

  async *preview(
    entries: AsyncIterable<ReadableEntry>,
    request: PreviewRequest,
    context: SourceContext,
  ): AsyncIterable<PreviewItem> {
    const { target, policy } = request;
    if (target.kind === 'directory') {
      yield* previewFiles(entries, { target: await this.#host.allowedPath(target.path), policy, context });
      return;
    }
    const { signal } = context;
    yield* previewDatabases(entries, { access: this.#access, request, ...this.#names(request), signal });
  }

  async revert(restoreId: string, { signal }: SourceContext): Promise<void> {
    const reverted = await revertRestore(this.#access, restoreId, signal);
    if (reverted === 0) throw new StrongroomError('RESTORE_NOT_KEPT', { restore: restoreId });
  }

  async discardPrevious(restoreId: string, { signal }: SourceContext): Promise<void> {
    await discardKept(this.#access, restoreId, signal);
  }

  /** Every connection is closed by the call that opened it. */
  async [Symbol.asyncDispose](): Promise<void> {}

  #users(signal: AbortSignal): Promise<UserFacts> {
    return withConnection(this.#access, signal, async (connection) =>
      readUsers(connection, await readServerVersion(connection)),
    );
  }

  #databases(signal: AbortSignal): Promise<readonly string[]> {
    return withConnection(this.#access, signal, (connection) =>
      chosenDatabases(connection, this.#access, this.#options.choice),
    );
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
    if (target.kind === 'schema') {
      const reason = 'a schema of this server is a database: name the database instead';
      throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason });
    }
    const { choice } = this.#options;
    const inPlace = choice.kind === 'one' ? choice.name : backedUp;
    const name = target.kind === 'database' ? target.name : inPlace;
    if (name !== '' && name.length <= LONGEST_NAME && !/\0| $/.test(name) && !isSystemDatabase(name)) return name;
    throw new StrongroomError('RESTORE_TARGET_UNSUITABLE', { reason: `"${name}" can't name a database` });
  }
}

const bySegment = (a: string, b: string): number =>
  Buffer.compare(Buffer.from(segmentOf(a)), Buffer.from(segmentOf(b)));
