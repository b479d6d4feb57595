import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { KeptEntry } from '../../support/source-harness.ts';
import { startPostgres } from '../../support/postgres-server.ts';
import type { PostgresServer } from '../../support/postgres-server.ts';
import { postgresTools } from '../../support/postgres-source.ts';
import type { RestoreOptions } from '../../support/database-source.ts';
import type { PostgresTools } from '../../support/postgres-source.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const ask: PostgresTools['ask'] = (...given) => postgresTools(server).ask(...given);

/** Orders with a serial key that items and a view refer to, customers that they refer to; backed up. */
async function makeShop(name: string): Promise<{ kept: KeptEntry[]; options: RestoreOptions }> {
  await server.createDatabase(name);
  await ask(
    name,
    `CREATE TABLE customers (id int PRIMARY KEY, name text);
     CREATE TABLE orders (id serial PRIMARY KEY, customer int REFERENCES customers, note text CHECK (note <> ''));
     CREATE TABLE items (id int PRIMARY KEY, "order" int NOT NULL REFERENCES orders ON DELETE CASCADE);
     CREATE INDEX orders_note ON orders (note);
     CREATE VIEW notes WITH (security_barrier) AS SELECT o.note, c.name FROM orders o JOIN customers c ON c.id = o.customer;
     CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END';
     CREATE TRIGGER touch BEFORE UPDATE ON orders FOR EACH ROW EXECUTE FUNCTION touch();
     GRANT SELECT ON orders TO pg_monitor; COMMENT ON TABLE orders IS 'what was ordered';
     CREATE PUBLICATION news_${name} FOR TABLE orders;
     INSERT INTO customers SELECT i, 'customer ' || i FROM generate_series(1, 50) i;
     INSERT INTO orders (customer, note) SELECT 1 + i % 50, 'note ' || i FROM generate_series(1, 1000) i;
     INSERT INTO items SELECT i, i FROM generate_series(1, 900) i`,
  );
  const { kept, context } = await postgresTools(server).keep(name);
  return { kept, options: { tables: [...context.tables.values()], policy: 'OVERWRITE' } };
}

const restore = (name: string, kept: KeptEntry[], options: RestoreOptions) =>
  postgresTools(server).restore(name, kept, options);

const schemas = async (name: string): Promise<unknown[]> =>
  (await ask(name, `SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1`)).flat();
const databases = async (): Promise<unknown[]> =>
  (await ask('postgres', `SELECT datname FROM pg_database WHERE datname ~ '_strongroom_'`)).flat();

describe('chosen tables', () => {
  test('take the place of those that are there, with all that hangs on them, while the others stay', async () => {
    const { kept, options } = await makeShop('swapped');
    const definition = `SELECT string_agg(indexdef, ';' ORDER BY indexdef) FROM pg_indexes WHERE tablename = 'orders'`;
    const before = await ask('swapped', definition);
    await ask(
      'swapped',
      `DELETE FROM items WHERE id > 100; DELETE FROM orders WHERE id > 100; UPDATE orders SET note = 'spoilt';
       ALTER TABLE orders ADD COLUMN later int; INSERT INTO customers VALUES (1000, 'new')`,
    );

    const context = await restore('swapped', kept, { ...options, includeTables: ['orders'] });

    expect([...context.tables.keys()]).toEqual(['public.orders']);
    expect(await ask('swapped', 'SELECT count(*), max(note) FROM orders')).toEqual([['1000', 'note 999']]);
    expect(await ask('swapped', 'SELECT count(*) FROM notes')).toEqual([['1000']]);
    expect(await ask('swapped', 'SELECT count(*) FROM items')).toEqual([['100']]);
    expect(await ask('swapped', 'SELECT count(*) FROM customers')).toEqual([['51']]);
    expect(await ask('swapped', definition)).toEqual(before);
    expect(await ask('swapped', `INSERT INTO orders (customer, note) VALUES (1, 'x') RETURNING id`)).toEqual([[1001]]);
    await expect(ask('swapped', 'INSERT INTO items VALUES (5000, 5000)')).rejects.toThrow('violates foreign key');
    await expect(ask('swapped', 'INSERT INTO orders (customer) VALUES (77)')).rejects.toThrow('violates foreign key');
    const kinds = `SELECT obj_description('orders'::regclass, 'pg_class'), has_table_privilege('pg_monitor', 'orders', 'SELECT'),
                          (SELECT count(*) FROM pg_trigger WHERE tgrelid = 'orders'::regclass AND NOT tgisinternal),
                          (SELECT reloptions::text FROM pg_class WHERE oid = 'notes'::regclass),
                          (SELECT tablename FROM pg_publication_tables WHERE pubname = 'news_swapped')`;
    expect(await ask('swapped', kinds)).toEqual([['what was ordered', true, '1', '{security_barrier=true}', 'orders']]);
    expect(await schemas('swapped')).toEqual(['information_schema', 'public']);
    expect(await databases()).toEqual([]);
  });

  test('are kept when they are replaced, and come back', async () => {
    const { kept, options } = await makeShop('undone');
    await ask('undone', `UPDATE orders SET note = 'now'; DELETE FROM items WHERE id = 1`);
    const chosen = { ...options, includeTables: ['orders', 'items'], keepPrevious: true };
    const context = await restore('undone', kept, chosen);
    expect(context.previous).toEqual([true]);
    expect(await ask('undone', `SELECT count(*) FROM orders WHERE note = 'now'`)).toEqual([['0']]);
    expect(await ask('undone', 'SELECT count(*) FROM items')).toEqual([['900']]);

    await using source = await postgresTools(server).sourceOf('undone');
    await source.revert?.(context.restoreId, context);
    expect(await ask('undone', `SELECT count(*) FROM notes WHERE note = 'now'`)).toEqual([['1000']]);
    expect(await ask('undone', 'SELECT count(*) FROM items')).toEqual([['899']]);
    await expect(ask('undone', 'INSERT INTO items VALUES (5000, 5000)')).rejects.toThrow('violates foreign key');
    expect(await schemas('undone')).toEqual(['information_schema', 'public']);
    await expect(source.revert?.(context.restoreId, context)).rejects.toMatchObject({ code: 'RESTORE_NOT_KEPT' });

    const second = await restore('undone', kept, { ...chosen, restoreId: 'second' });
    expect(await schemas('undone')).toHaveLength(3);
    await source.discardPrevious?.(second.restoreId, second);
    expect(await schemas('undone')).toEqual(['information_schema', 'public']);
  });

  test('stay as they are when a foreign key would not hold, somebody holds a lock, or something hangs on them', async () => {
    const { kept, options } = await makeShop('refused');
    const chosen = { ...options, includeTables: ['orders'] };
    const unchanged = async (): Promise<void> => {
      expect(await ask('refused', `SELECT count(*) FROM orders WHERE note = 'now'`)).toEqual([['500']]);
      expect(await schemas('refused')).toEqual(['information_schema', 'public']);
      expect(await databases()).toEqual([]);
    };
    await ask('refused', `UPDATE orders SET note = 'now' WHERE id <= 500; INSERT INTO orders VALUES (2000, 1, 'new')`);
    await ask('refused', 'INSERT INTO items VALUES (2000, 2000)');
    await expect(restore('refused', kept, chosen)).rejects.toMatchObject({
      code: 'RESTORE_FAILED',
      details: { reason: expect.stringContaining('items_order_fkey') },
    });
    await unchanged();

    await ask(
      'refused',
      'DELETE FROM items WHERE id = 2000; CREATE MATERIALIZED VIEW stored AS SELECT note FROM orders',
    );
    await expect(restore('refused', kept, chosen)).rejects.toMatchObject({
      code: 'RESTORE_TARGET_UNSUITABLE',
      details: { reason: expect.stringContaining('materialized view public.stored') },
    });
    await ask('refused', 'DROP MATERIALIZED VIEW stored');
    await unchanged();

    {
      await using holder = await postgresTools(server).connect('refused', 'the holder');
      await holder.query('BEGIN; SELECT * FROM orders FOR UPDATE');
      const impatient = { ...chosen, configuration: { lockTimeoutSeconds: 1 } };
      await expect(restore('refused', kept, impatient)).rejects.toMatchObject({ code: 'SOURCE_LOCKED' });
    }
    await unchanged();

    await expect(restore('refused', kept, { ...chosen, policy: 'FAIL' })).rejects.toMatchObject({
      code: 'RESTORE_CONFLICT',
    });
    await restore('refused', kept, { ...chosen, policy: 'SKIP' });
    await expect(restore('refused', kept, { ...chosen, includeTables: ['nothing*'] })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    });
    await unchanged();
  });

  test('go into another schema, and into another database, beside the old ones', async () => {
    const { kept, options } = await makeShop('beside');
    await ask('beside', 'TRUNCATE orders CASCADE');
    const target = { kind: 'schema', name: 'Old days' } as const;
    await restore('beside', kept, { ...options, policy: 'FAIL', target, includeTables: ['orders', 'public.items'] });
    expect(await ask('beside', 'SELECT count(*) FROM "Old days".orders')).toEqual([['1000']]);
    expect(await ask('beside', 'SELECT count(*) FROM "Old days".items')).toEqual([['900']]);
    expect(await ask('beside', 'SELECT count(*) FROM orders')).toEqual([['0']]);
    await expect(ask('beside', 'INSERT INTO "Old days".items VALUES (5000, 5000)')).rejects.toThrow('foreign key');

    await server.createDatabase('elsewhere');
    const other = { kind: 'database', name: 'elsewhere' } as const;
    await restore('beside', kept, { ...options, policy: 'FAIL', target: other, includeTables: ['customers'] });
    expect(await ask('elsewhere', 'SELECT count(*) FROM customers')).toEqual([['50']]);
    const nowhere = {
      ...options,
      target: { kind: 'database', name: 'no_such' },
      includeTables: ['customers'],
    } as const;
    await expect(restore('beside', kept, nowhere)).rejects.toMatchObject({ code: 'RESTORE_TARGET_UNSUITABLE' });
    expect(await databases()).toEqual([]);
  });
});
