/** Puts tables in the place of others of their names, in one transaction. */
import type pg from 'pg';
import { StrongroomError } from '../../../src/errors.ts';
import { type ServerAccess } from './connection.ts';
import { qualified } from './found-tables.ts';
import { isLockTimeout, lockedError } from './locks.ts';
import { quoted } from './quoting.ts';
import { EMPTY_SEARCH_PATH } from './session-settings.ts';
import { oidsOf, rebindingOf, type TableName } from './table-dependents.ts';

/** Tables of one name in three schemas. */
export interface TableSwap {
  readonly name: string;
  /** Where it is to be. */
  readonly live: string;
  /** Where the new one waits. */
  readonly beside: string;
  /** Where the old one goes, if there is one. */
  readonly aside: string;
}

export interface SwapOptions {
  readonly access: ServerAccess;
  /** Whether the old ones stay in their schema; else they are dropped in the same transaction. */
  readonly keep: boolean;
  /** Further statements of the same transaction, before and after the swap. */
  readonly before: readonly string[];
  readonly after: readonly string[];
}

/**
 * Swaps all at once. Throws `SOURCE_LOCKED` where somebody does not let go of a table, `RESTORE_TARGET_UNSUITABLE` where something hangs on one
 * that can't be taken along, `RESTORE_FAILED` with what the server has against it, for instance a foreign key that does not hold; nothing has changed then.
 */
export async function swapTables(client: pg.Client, swaps: readonly TableSwap[], options: SwapOptions): Promise<void> {
  const { access, keep } = options;
  try {
    await client.query(EMPTY_SEARCH_PATH);
    await client.query(
      `BEGIN; SET LOCAL lock_timeout = '${access.lockTimeoutSeconds}s'; SET LOCAL check_function_bodies = off`,
    );
    const present = await lockPresent(client, access, swaps);
    const oids = await oidsOf(client, present.map(inLive));
    const rebinding = await rebindingOf(client, oids);
    const moved = present.map(({ name, aside }) => qualified({ schema: aside, name }));
    const statements = [
      ...options.before,
      ...rebinding.before,
      ...present.map((swap) => `ALTER TABLE ${qualified(inLive(swap))} SET SCHEMA ${quoted(swap.aside)}`),
      ...swaps.map(
        ({ name, live, beside }) => `ALTER TABLE ${qualified({ schema: beside, name })} SET SCHEMA ${quoted(live)}`,
      ),
      ...rebinding.after,
      ...(keep || moved.length === 0 ? [] : [`DROP TABLE ${moved.join(', ')}`]),
      ...options.after,
    ];
    for (const statement of statements) await client.query(statement);
    await client.query('COMMIT');
  } catch (error) {
    // Where the connection is lost, the server has done so; what went wrong is said below.
    await client.query('ROLLBACK').catch(() => undefined);
    if (error instanceof StrongroomError) throw error;
    const reason = error instanceof Error ? error.message : String(error);
    const subject = `table ${swaps.map((swap) => qualified(inLive(swap))).join(', ')}`;
    throw new StrongroomError('RESTORE_FAILED', { subject, reason }, { cause: error });
  }
}

/** The swaps whose live table is there; nobody else uses it from now on. */
async function lockPresent(
  client: pg.Client,
  access: ServerAccess,
  swaps: readonly TableSwap[],
): Promise<readonly TableSwap[]> {
  const present: TableSwap[] = [];
  for (const swap of swaps) {
    const table = inLive(swap);
    const [oid] = await oidsOf(client, [table]);
    if (oid === undefined) continue;
    try {
      await client.query(`LOCK TABLE ${qualified(table)} IN ACCESS EXCLUSIVE MODE`);
    } catch (error) {
      throw isLockTimeout(error) ? await lockedError(access, [{ ...table, oid }], error) : error;
    }
    present.push(swap);
  }
  return present;
}

const inLive = ({ live, name }: TableSwap): TableName => ({ schema: live, name });
