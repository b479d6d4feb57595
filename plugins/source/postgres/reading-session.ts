/**
 * One consistent view of a database over several connections. The first one, the leader, locks all tables against changes of their
 * definition, and only then takes its snapshot and exports it: so the definitions it finds are those of the rows that all connections see.
 */
import type pg from 'pg';
import type { ReadSelection } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { openClient, type ServerAccess, serverError } from './connection.ts';
import { copyOut } from './copy-out.ts';
import { type FoundTable, findTables, measureTables, qualified } from './found-tables.ts';
import { isLockTimeout, lockForReading } from './locks.ts';
import type { TablePart } from './parts.ts';
import { PORTABLE_TEXT } from './session-settings.ts';

/** For copies, which take as long as they take. */
const ANY_TIME = 0;
/** Tables that appear while others are being locked are locked in another round. */
const MOST_ROUNDS = 10;
const BEGIN = 'BEGIN ISOLATION LEVEL REPEATABLE READ, READ ONLY';

export class ReadingSession implements AsyncDisposable {
  readonly #access: ServerAccess;
  readonly #leader: pg.Client;
  readonly #idle: pg.Client[] = [];
  readonly #all: pg.Client[] = [];
  #leaderTurn: Promise<unknown> = Promise.resolve();
  /** Names the snapshot for other connections and programs, as long as the session is open. */
  readonly snapshot: string;
  readonly tables: readonly FoundTable[];

  readonly #stop: Disposable;

  private constructor(access: ServerAccess, leader: pg.Client, view: View, stop: Disposable) {
    this.#access = access;
    this.#stop = stop;
    this.#leader = leader;
    this.#all.push(leader);
    this.snapshot = view.snapshot;
    this.tables = view.tables;
  }

  /**
   * Throws `SOURCE_LOCKED`, and `INPUT_INVALID` for a pattern.
   * @param signal ends the session, also while it waits for locks
   */
  static async open(access: ServerAccess, selection: ReadSelection, signal: AbortSignal): Promise<ReadingSession> {
    try {
      const leader = await openClient(access, access.database, ANY_TIME);
      const stop = endingWith(leader, signal);
      try {
        await leader.query(PORTABLE_TEXT);
        return new ReadingSession(access, leader, await lockedView(access, leader, selection), stop);
      } catch (error) {
        stop[Symbol.dispose]();
        await leader.end();
        throw error;
      }
    } catch (error) {
      if (signal.aborted) throw new StrongroomError('CANCELLED', {}, { cause: error });
      throw serverError(access, access.database, error);
    }
  }

  /** What the leader sees. */
  async query<R extends pg.QueryResultRow>(text: string, values: readonly unknown[] = []): Promise<readonly R[]> {
    return (await this.#leader.query<R>(text, [...values])).rows;
  }

  /** Streams a part's rows over a connection of its own; returns how many. May be called several times at once. */
  async *copy({ table, statement }: TablePart, signal: AbortSignal): AsyncGenerator<Uint8Array, number> {
    try {
      const client = this.#idle.pop() ?? (await this.#connect());
      if (!(await lockedAtOnce(client, table))) {
        this.#idle.push(client);
        return yield* this.#copyAsLeader(statement, signal);
      }
      const rows = yield* copyOut(client, statement, signal);
      // Lets go of the lock as well: thousands of them would fill the server's table of locks.
      await client.query('ROLLBACK TO strongroom');
      this.#idle.push(client);
      return rows;
    } catch (error) {
      if (signal.aborted) throw new StrongroomError('CANCELLED', {}, { cause: error });
      throw serverError(this.#access, this.#access.database, error, `table ${table.label}`);
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop[Symbol.dispose]();
    await Promise.all(this.#all.map((client) => client.end()));
  }

  /**
   * Somebody waits for the leader to let go of the table, and whoever asks now waits behind him: the leader alone, who has his lock, may read
   * on. One copy at a time.
   */
  async *#copyAsLeader(statement: string, signal: AbortSignal): AsyncGenerator<Uint8Array, number> {
    const before = this.#leaderTurn;
    const turn = Promise.withResolvers<void>();
    this.#leaderTurn = turn.promise;
    await before;
    try {
      return yield* copyOut(this.#leader, statement, signal);
    } finally {
      turn.resolve();
    }
  }

  async #connect(): Promise<pg.Client> {
    const client = await openClient(this.#access, this.#access.database, ANY_TIME);
    this.#all.push(client);
    await client.query(PORTABLE_TEXT);
    await client.query(`${BEGIN}; SET TRANSACTION SNAPSHOT '${this.snapshot}'; SAVEPOINT strongroom`);
    return client;
  }
}

/** Ends a connection, whatever it does, when the signal is aborted. */
function endingWith(client: pg.Client, signal: AbortSignal): Disposable {
  const end = (): void => void client.end();
  if (signal.aborted) end();
  else signal.addEventListener('abort', end, { once: true });
  return { [Symbol.dispose]: () => signal.removeEventListener('abort', end) };
}

async function lockedAtOnce(client: pg.Client, table: FoundTable): Promise<boolean> {
  try {
    await client.query(`LOCK TABLE ONLY ${qualified(table)} IN ACCESS SHARE MODE NOWAIT`);
    return true;
  } catch (error) {
    if (!isLockTimeout(error)) throw error;
    await client.query('ROLLBACK TO strongroom');
    return false;
  }
}

interface View {
  readonly snapshot: string;
  readonly tables: readonly FoundTable[];
}

async function lockedView(access: ServerAccess, leader: pg.Client, selection: ReadSelection): Promise<View> {
  const lockTimeout = access.lockTimeoutSeconds;
  let known = (await findTables(leader, selection)).filter(isLockable);
  for (let round = 0; round < MOST_ROUNDS; round++) {
    await leader.query(BEGIN);
    // Locking takes no snapshot yet.
    const locks = await lockForReading(leader, known, access, lockTimeout);
    if (locks === 'vanished') {
      await leader.query('ROLLBACK');
      known = (await findTables(leader, selection)).filter(isLockable);
      continue;
    }
    const tables = await findTables(leader, selection);
    const lockable = tables.filter(isLockable);
    const locked = new Set(known.map(({ oid }) => oid));
    if (lockable.every(({ oid }) => locked.has(oid))) {
      const { rows } = await leader.query<{ snapshot: string }>('SELECT pg_export_snapshot() AS snapshot');
      return { snapshot: rows[0]?.snapshot ?? '', tables: await measureTables(leader, tables, isLockable) };
    }
    known = lockable;
    await leader.query('ROLLBACK');
  }
  throw new StrongroomError('SOURCE_UNAVAILABLE', {
    reason: `database ${access.database}: tables are made faster than they can be locked`,
  });
}

/** What a lock needs the right to read of; nobody reads what he may not. */
const isLockable = ({ kind, denied }: FoundTable): boolean => kind === 'table' && denied !== 'privilege';
