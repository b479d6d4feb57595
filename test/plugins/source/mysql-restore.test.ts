import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { namesFor } from '../../../plugins/source/mysql/restore-names.ts';
import type { StoredEntry } from '../../../src/contracts/index.ts';
import {
  CHANGE,
  everythingOf as everythingIn,
  expectOld as expectOldIn,
  leftovers as leftoversOn,
  makeChangingShop,
} from '../../support/changing-shop.ts';
import { startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import type { RestoreOptions } from '../../support/database-source.ts';
import { mysqlTools, type MysqlTools } from '../../support/mysql-source.ts';
import type { KeptEntry } from '../../support/source-harness.ts';
import { waitFor } from '../../support/wait-for.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const ask: MysqlTools['ask'] = (...given) => mysqlTools(server).ask(...given);
const keep: MysqlTools['keep'] = (...given) => mysqlTools(server).keep(...given);
const restore: MysqlTools['restore'] = (...given) => mysqlTools(server).restore(...given);

const makeShop = (name: string): Promise<void> => makeChangingShop(name, mysqlTools(server));
const everythingOf = (name: string): Promise<unknown> => everythingIn(name, mysqlTools(server));
const expectOld = (name: string): Promise<void> => expectOldIn(name, mysqlTools(server));
const leftovers = (): Promise<string[]> => leftoversOn(mysqlTools(server));

/** A shop, backed up, and then changed. */
async function changedShop(name: string): Promise<{ kept: KeptEntry[]; options: RestoreOptions; changed: unknown }> {
  await makeShop(name);
  const { kept, context } = await keep(name);
  await ask(name, CHANGE);
  const options = { tables: [...context.tables.values()], policy: 'OVERWRITE' } as const;
  return { kept, options, changed: await everythingOf(name) };
}

describe('a database', () => {
  test('is replaced in one step, while others read and write it', async () => {
    const { kept, options } = await changedShop('busy');
    const stop = new AbortController();
    const seen = new Set<string>();
    const client = async (): Promise<void> => {
      await using connection = await mysqlTools(server).connect('busy');
      while (!stop.signal.aborted) {
        const [row] = await connection.query(
          `SELECT (SELECT COUNT(*) FROM items), (SELECT MAX(note) FROM orders WHERE id <= 1000), (SELECT COUNT(*) FROM customers)`,
        );
        seen.add(JSON.stringify(row));
        await connection.query(`INSERT INTO orders (customer, note) VALUES (1, 'x')`);
      }
    };
    const clients = [client(), client()];
    await restore('busy', kept, options);
    await waitFor(() => seen.size > 1, { message: 'the clients to see the restored database' });
    stop.abort();
    await Promise.all(clients);
    expect([...seen]).toEqual(['["899","now","51"]', '["900","note 999","50"]']);
    await ask('busy', 'DELETE FROM orders WHERE id > 1000;\nDELETE FROM log');
    await expectOld('busy');
    expect(await leftovers()).toEqual([]);
  });

  test('is refused or left where one is that holds tables, and fills an empty one', async () => {
    const { kept, options, changed } = await changedShop('there');
    await expect(restore('there', kept, { ...options, policy: 'FAIL' })).rejects.toMatchObject({
      code: 'RESTORE_CONFLICT',
      details: { first: expect.stringContaining('in database there') },
    });
    await restore('there', kept, { ...options, policy: 'SKIP' });
    expect(await everythingOf('there')).toEqual(changed);
    await ask(undefined, 'CREATE DATABASE vacant');
    await restore('there', kept, { ...options, policy: 'FAIL', target: { kind: 'database', name: 'vacant' } });
    await expectOld('vacant');
    for (const name of ['mysql', '', 'ends ', 'x'.repeat(65)]) {
      const target = { kind: 'database', name } as const;
      await expect(restore('there', kept, { ...options, target })).rejects.toMatchObject({
        code: 'RESTORE_TARGET_UNSUITABLE',
      });
    }
    await expect(restore('there', kept, { ...options, target: { kind: 'schema', name: 'x' } })).rejects.toMatchObject({
      code: 'RESTORE_TARGET_UNSUITABLE',
    });
    expect(await leftovers()).toEqual([]);
  });

  test('is kept when it is replaced, and comes back in one step, or is let go of', async () => {
    const { kept, options, changed } = await changedShop('kept');
    const context = await restore('kept', kept, { ...options, keepPrevious: true });
    expect(context.previous).toEqual([true]);
    await expectOld('kept');
    expect(await leftovers()).toHaveLength(1);

    await using source = await mysqlTools(server).sourceOf('kept');
    await source.revert?.(context.restoreId, context);
    expect(await everythingOf('kept')).toEqual(changed);
    expect(await leftovers()).toEqual([]);
    await expect(source.revert?.(context.restoreId, context)).rejects.toMatchObject({ code: 'RESTORE_NOT_KEPT' });

    const second = await restore('kept', kept, { ...options, keepPrevious: true, restoreId: 'second' });
    await source.discardPrevious?.(second.restoreId, second);
    await source.discardPrevious?.(second.restoreId, second);
    await expectOld('kept');
    expect(await leftovers()).toEqual([]);
  });

  test('stays as it was when the restore fails or is cancelled', async () => {
    const { kept, options, changed } = await changedShop('failing');
    const unchanged = async (): Promise<void> => {
      expect(await everythingOf('failing')).toEqual(changed);
      expect(await leftovers()).toEqual([]);
    };
    const damaged = (): never => {
      throw new Error('damaged');
    };
    await expect(
      restore('failing', kept, {
        ...options,
        trouble: (entry) => (entry.path.toString().includes('orders') ? damaged() : undefined),
      }),
    ).rejects.toMatchObject({ code: 'RESTORE_FAILED', details: { subject: 'table orders' } });
    await unchanged();

    const stop = new AbortController();
    await expect(
      restore('failing', kept, {
        ...options,
        signal: stop.signal,
        trouble: (entry) => (entry.path.toString().includes('orders') ? stop.abort() : undefined),
      }),
    ).rejects.toMatchObject({ code: 'CANCELLED' });
    await unchanged();

    const cut = kept.filter(({ path }) => !path.toString().endsWith('tables/items/000000'));
    await expect(restore('failing', cut, options)).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
    const shorter = kept.map((entry) =>
      entry.path.toString().endsWith('tables/items/000000')
        ? { ...entry, content: entry.content.subarray(0, 20) }
        : entry,
    );
    await expect(restore('failing', shorter, options)).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      details: { subject: 'table items' },
    });
    const other = kept.map((entry) =>
      entry.path.toString().endsWith('tables/items/000000')
        ? { ...entry, content: Buffer.from(entry.content.toString().replace('900\t900\n', '900\t90x\n')) }
        : entry,
    );
    await expect(restore('failing', other, { ...options, tables: [] })).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      details: { reason: expect.stringContaining('order_id') },
    });
    await unchanged();

    {
      await using holder = await mysqlTools(server).connect('failing');
      await holder.query('BEGIN;\nSELECT COUNT(*) FROM orders;');
      const impatient = { ...options, configuration: { lockTimeoutSeconds: 1 } };
      await expect(restore('failing', kept, impatient)).rejects.toMatchObject({
        code: 'SOURCE_LOCKED',
        details: { holder: expect.stringContaining('root@') },
      });
    }
    await unchanged();

    {
      await using holder = await mysqlTools(server).connect('failing');
      await holder.query('BEGIN;\nSELECT COUNT(*) FROM orders;');
      const late = new AbortController();
      const ended = restore('failing', kept, { ...options, signal: late.signal }).catch((error: unknown) => error);
      const waiting = `SELECT 1 FROM information_schema.PROCESSLIST WHERE INFO LIKE 'LOCK TABLES%' AND STATE LIKE '%metadata lock%'`;
      await waitFor(async () => (await ask(undefined, waiting)).length > 0, { message: 'the exchange to wait' });
      late.abort();
      expect(await ended).toMatchObject({ code: 'CANCELLED' });
      expect(await ask(undefined, waiting)).toEqual([]);
      await unchanged();
    }

    const broken = kept.map((entry) =>
      entry.path.toString().endsWith('database.json')
        ? { ...entry, content: Buffer.from(entry.content.toString().replace('EVERY 1 DAY', 'NO DAY')) }
        : entry,
    );
    await expect(restore('failing', broken, options)).rejects.toMatchObject({ code: 'SOURCE_UNAVAILABLE' });
    await unchanged();
  });

  test('goes back as well when another one of the same source fails', async () => {
    await makeShop('pair_a');
    await makeShop('pair_b');
    const pair = { database: undefined, databases: ['pair_*'] };
    const { kept } = await keep('', {}, pair);
    await ask('pair_a', CHANGE);
    await ask('pair_b', CHANGE);
    const changed = [await everythingOf('pair_a'), await everythingOf('pair_b')];
    const broken = kept.map((entry) =>
      entry.path.toString() === 'databases/pair_b/database.json'
        ? { ...entry, content: Buffer.from(entry.content.toString().replace('EVERY 1 DAY', 'NO DAY')) }
        : entry,
    );
    await expect(restore('', broken, { policy: 'OVERWRITE', configuration: pair })).rejects.toMatchObject({
      code: 'SOURCE_UNAVAILABLE',
    });
    expect([await everythingOf('pair_a'), await everythingOf('pair_b')]).toEqual(changed);
    expect(await leftovers()).toEqual([]);
    await restore('', kept, { policy: 'OVERWRITE', configuration: pair });
    await expectOld('pair_a');
    await expectOld('pair_b');
  });

  test('keeps what others have put there while it was restored, where the policy says so', async () => {
    await makeShop('raced');
    const { kept } = await keep('raced');
    const target = { kind: 'database', name: 'raced_copy' } as const;
    let came = false;
    const trouble = async (entry: StoredEntry): Promise<void> => {
      if (came || !entry.path.toString().endsWith('tables/orders/000000')) return;
      came = true;
      await ask(
        undefined,
        'CREATE DATABASE raced_copy;\nCREATE TABLE raced_copy.theirs (id int);\nINSERT INTO raced_copy.theirs VALUES (1)',
      );
    };
    await expect(restore('raced', kept, { target, trouble })).rejects.toMatchObject({
      code: 'RESTORE_CONFLICT',
      details: { first: 'table theirs in database raced_copy' },
    });
    expect(await ask('raced_copy', 'SELECT * FROM theirs')).toEqual([[1]]);
    expect((await ask('raced_copy', 'SHOW TABLES')).flat()).toEqual(['theirs']);
    expect(await leftovers()).toEqual([]);
  });

  test('is gathered again where a server has renamed a part of its tables and died', async () => {
    const { kept, options, changed } = await changedShop('scattered');
    // As servers leave it that do not undo a statement as a whole: some tables have gone, and some have come.
    const { before, beside, begun } = namesFor('scattered', '0198c0de-0000-7000-8000-000000000001');
    const journal = {
      live: 'scattered',
      existed: true,
      whole: true,
      replaced: ['customers', 'items', 'log', 'newer', 'orders'],
      added: ['customers', 'items', 'log', 'orders'],
      programs: [],
      outsiders: [],
      collation: 'utf8mb4_general_ci',
    };
    await ask(
      undefined,
      `CREATE DATABASE ${before};
CREATE TABLE ${before}.${begun} (content longtext);
INSERT INTO ${before}.${begun} VALUES ('${JSON.stringify(journal)}');
CREATE DATABASE ${beside};
CREATE TABLE ${beside}.orders (id int);
CREATE TABLE scattered.theirs_now (id int);
RENAME TABLE scattered.newer TO ${before}.newer, scattered.log TO ${before}.log, scattered.theirs_now TO scattered.log`,
    );
    const trouble = ({ path }: StoredEntry): void => {
      if (path.toString().includes('/tables/')) throw new Error('stop');
    };
    await expect(restore('scattered', kept, { ...options, trouble })).rejects.toMatchObject({ code: 'RESTORE_FAILED' });
    expect(await everythingOf('scattered')).toEqual(changed);
    expect(await leftovers()).toEqual([]);
  });
});
