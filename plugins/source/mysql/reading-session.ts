/**
 * One consistent view of a server over several connections: while nobody can commit, which takes some milliseconds, each of them begins a
 * transaction with a snapshot of its own. What a table is like is not frozen: who reads it proves that it is as it was described.
 */
import type { Connection } from 'mysql2/promise';
import { StrongroomError } from '../../../src/errors.ts';
import {
  endAtOnce,
  ErrorNumber,
  numberOf,
  openConnection,
  rowsOf,
  type ServerAccess,
  serverError,
} from './connection.ts';
import { definitionOf, withoutNextNumber } from './definition.ts';
import type { FoundTable } from './found-tables.ts';
import { namingHolders } from './locks.ts';
import type { TablePart } from './parts.ts';
import { qualified } from './quoting.ts';
import { readRows } from './read-rows.ts';
import { isMariaDb, readServerVersion, type ServerVersion } from './server.ts';

/** Since this version commits can be stopped without waiting for readers. */
const STAGES_SINCE = 100_400;
const BEGIN = 'START TRANSACTION WITH CONSISTENT SNAPSHOT';

export class ReadingSession implements AsyncDisposable {
  readonly #access: ServerAccess;
  readonly #signal: AbortSignal;
  readonly #idle: Connection[];
  readonly #waiting: PromiseWithResolvers<Connection>[] = [];
  readonly server: ServerVersion;
  /** All of the session. */
  readonly connections: readonly Connection[];
  /** Sees what there is now, which is not what the readers do: only of use for definitions. */
  readonly leader: Connection;
  readonly #stop: () => void;

  private constructor(
    access: ServerAccess,
    signal: AbortSignal,
    { leader, readers, holders }: Connections,
    server: ServerVersion,
  ) {
    this.#access = access;
    this.#signal = signal;
    this.leader = leader;
    this.#idle = [...readers];
    this.connections = [leader, ...readers, ...holders];
    this.server = server;
    this.#stop = () => this.#destroy();
    signal.addEventListener('abort', this.#stop, { once: true });
  }

  /**
   * Throws `SOURCE_LOCKED` where others keep the lock from us. A user without the right RELOAD can't stop others; there is then one reader.
   * @param frozen tables without transactions, which nobody writes until the session is closed
   * @param signal ends the session
   */
  static async open(access: ServerAccess, frozen: readonly FoundTable[], signal: AbortSignal): Promise<ReadingSession> {
    const opened: Connection[] = [];
    let whole = false;
    const add = async (): Promise<Connection> => {
      const connection = await openConnection(access, signal);
      opened.push(connection);
      return connection;
    };
    try {
      const leader = await add();
      const server = await readServerVersion(leader);
      const holders = frozen.length === 0 ? [] : [await add()];
      for (const holder of holders) {
        const tables = frozen.map(({ database, name }) => `${qualified(database, name)} READ`);
        await holder.query(`LOCK TABLES ${tables.join(', ')}`);
      }
      const readers: Connection[] = [];
      for (let at = 0; at < access.connections; at++) {
        const reader = await add();
        // Values come as the bytes that they are stored as, whatever their character sets are.
        await reader.query('SET SESSION character_set_results = NULL');
        readers.push(reader);
      }
      const together = await beginTogether(leader, readers, server);
      const session = new ReadingSession(access, signal, { leader, readers: together, holders }, server);
      whole = true;
      return session;
    } catch (error) {
      const wanted = `server ${access.host}, whose writers were to be stopped for a moment,`;
      throw serverError(access, await namingHolders(access, wanted, opened, error, signal), signal);
    } finally {
      if (!whole) for (const connection of opened) endAtOnce(connection);
    }
  }

  /** A query in the view of the readers. */
  async query<R extends object>(statement: string): Promise<readonly R[]> {
    const reader = await this.#acquire();
    const rows = await rowsOf<R>(reader, statement);
    this.#release(reader);
    return rows;
  }

  /**
   * Streams a part's rows; returns how many. As many at once as there are connections. Throws `SOURCE_UNAVAILABLE` for a table that is not
   * any more what `definition` says.
   */
  async *read(
    { table, statement }: TablePart,
    definition: string,
    signal: AbortSignal,
  ): AsyncGenerator<Uint8Array, number> {
    const part = `table ${table.database}.${table.name}`;
    try {
      const reader = await this.#acquire();
      signal.throwIfAborted();
      await reader.query('SAVEPOINT strongroom');
      const rows = yield* readRows(reader, statement, signal);
      const now = await definitionOf(reader, table);
      if (withoutNextNumber(now) !== withoutNextNumber(definition)) throw changed(part);
      // Lets go of the lock that keeps the table from being altered.
      await reader.query('ROLLBACK TO SAVEPOINT strongroom');
      this.#release(reader);
      return rows;
    } catch (error) {
      // Whoever waits for the connection would do so for ever.
      this.#destroy();
      const number = numberOf(error);
      const gone = number === ErrorNumber.tableChanged || number === ErrorNumber.noSuchTable;
      const said = gone
        ? changed(part, error)
        : await namingHolders(this.#access, part, this.connections, error, signal);
      throw serverError(this.#access, said, signal, part);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#signal.removeEventListener('abort', this.#stop);
    await Promise.allSettled(this.#idle.map((connection) => connection.end()));
    this.#destroy();
  }

  #destroy(): void {
    for (const connection of this.connections) endAtOnce(connection);
    for (const { reject } of this.#waiting.splice(0)) reject(new Error('the connection was closed before its turn'));
  }

  async #acquire(): Promise<Connection> {
    const idle = this.#idle.pop();
    if (idle !== undefined) return idle;
    const turn = Promise.withResolvers<Connection>();
    this.#waiting.push(turn);
    return turn.promise;
  }

  #release(connection: Connection): void {
    const waiting = this.#waiting.shift();
    if (waiting === undefined) this.#idle.push(connection);
    else waiting.resolve(connection);
  }
}

interface Connections {
  readonly leader: Connection;
  readonly readers: readonly Connection[];
  readonly holders: readonly Connection[];
}

const changed = (part: string, cause?: unknown): StrongroomError =>
  new StrongroomError(
    'SOURCE_UNAVAILABLE',
    { reason: `${part} was altered, emptied or dropped by somebody while the backup ran` },
    { cause },
  );

/** Has all readers begin at one moment; answers those that have. */
async function beginTogether(
  leader: Connection,
  readers: readonly Connection[],
  server: ServerVersion,
): Promise<readonly Connection[]> {
  const stages = isMariaDb(server, STAGES_SINCE);
  const stop = stages ? ['BACKUP STAGE START', 'BACKUP STAGE BLOCK_COMMIT'] : ['FLUSH TABLES WITH READ LOCK'];
  try {
    for (const statement of stop) await leader.query(statement);
  } catch (error) {
    if (numberOf(error) !== ErrorNumber.specificAccessDenied) throw error;
    const [first, ...others] = readers;
    for (const other of others) await other.end();
    await first?.query(BEGIN);
    return first === undefined ? [] : [first];
  }
  await Promise.all(readers.map((reader) => reader.query(BEGIN)));
  await leader.query(stages ? 'BACKUP STAGE END' : 'UNLOCK TABLES');
  return readers;
}
