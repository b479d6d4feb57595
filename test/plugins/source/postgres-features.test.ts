import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startPostgres } from '../../support/postgres-server.ts';
import type { PostgresServer } from '../../support/postgres-server.ts';
import { postgresTools } from '../../support/postgres-source.ts';

let server: PostgresServer;
beforeAll(async () => {
  server = await startPostgres();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

/** Everything that the server's own program writes of a database, without what it makes up anew each time. */
async function dumpOf(database: string): Promise<string[]> {
  const { host, port, user, password, binaries } = server;
  const { stdout } = await execa(
    join(binaries, 'pg_dump'),
    ['--host', host, '--port', String(port), '--username', user, database],
    {
      env: { PGPASSWORD: password },
      maxBuffer: 256 * 2 ** 20,
    },
  );
  return stdout.split('\n').filter((line) => !/^\\(un)?restrict /.test(line));
}

test('every kind of object and every awkward value comes back as it was', async () => {
  const { ask, keep, restore } = postgresTools(server);
  await server.createDatabase('features');
  await ask(
    'features',
    await readFile(join(import.meta.dirname, '../../fixtures/source/postgres-features.sql'), 'utf8'),
  );
  await ask('features', 'ANALYZE');

  const { kept, context } = await keep('features');
  await restore('features', kept, {
    target: { kind: 'database', name: 'again' },
    tables: [...context.tables.values()],
  });

  expect(await dumpOf('again')).toEqual(await dumpOf('features'));
  const sequences =
    'SELECT last_value, is_called FROM shop.untouched UNION ALL SELECT last_value, is_called FROM shop.far';
  expect(await ask('again', sequences)).toEqual(await ask('features', sequences));
  const populated = `SELECT relname, relispopulated FROM pg_class WHERE relkind = 'm' ORDER BY 1`;
  expect(await ask('again', populated)).toEqual(await ask('features', populated));
  expect(await ask('again', 'SELECT * FROM shop.a_top')).toEqual(await ask('features', 'SELECT * FROM shop.a_top'));
  expect(context.tables.get('shop.nothing_at_all')).toMatchObject({ rows: 7, bytes: 7 });
  expect(context.tables.get('shop.empty')).toMatchObject({ rows: 0, bytes: 0 });
}, 120_000);
