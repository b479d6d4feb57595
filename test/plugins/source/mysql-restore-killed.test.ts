import { spawnSync } from 'node:child_process';
import { channel } from 'node:diagnostics_channel';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { StoredEntry } from '../../../src/contracts/index.ts';
import { CHANGE, expectOld, leftovers, makeChangingShop } from '../../support/changing-shop.ts';
import { startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { mysqlTools } from '../../support/mysql-source.ts';
import { makeTempDir } from '../../support/temp-dir.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb();
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

describe('a database', () => {
  test.each([
    ['rows', 'now'],
    ['CREATE DATABASE `killed_before', 'now'],
    ['INSERT INTO `killed_before', 'now'],
    ['LOCK TABLES', 'now'],
    ['DROP TRIGGER IF EXISTS `killed`', 'now'],
    ['RENAME TABLE', 'note 999'],
    ['DROP VIEW IF EXISTS `killed`', 'note 999'],
    ['CREATE ALGORITHM', 'now'],
    ['ALTER DATABASE `killed`', 'note 999'],
  ])('is whole when the restore is killed at %s, and a retry goes through', async (at, note) => {
    const tools = mysqlTools(server);
    await tools.ask(undefined, 'DROP DATABASE IF EXISTS killed');
    await makeChangingShop('killed', tools);
    const { kept } = await tools.keep('killed');
    await using scratch = await makeTempDir('scratch');
    const { host, port, user, password } = server;
    const script = `${import.meta.dirname}/../../fixtures/source/dying-mysql-restore.ts`;
    const died = spawnSync(process.execPath, [script], {
      env: { TMPDIR: scratch.path, PATH: '/usr/local/bin:/usr/bin:/bin' },
      input: JSON.stringify({ at, change: CHANGE, host, port: String(port), user, password, database: 'killed' }),
    });
    expect(died.signal, died.stderr.toString()).toBe('SIGKILL');
    expect(await tools.ask('killed', 'SELECT COUNT(*), MAX(note) FROM orders')).toEqual([['1000', note]]);

    await tools.restore('killed', kept, { policy: 'OVERWRITE' });
    await expectOld('killed', tools);
    expect(await leftovers(tools)).toEqual([]);
  });

  test.each([
    ['start', 'LOAD DATA'],
    ['asyncStart', 'DROP TRIGGER IF EXISTS `cut`'],
    ['start', 'RENAME TABLE'],
    ['asyncStart', 'RENAME TABLE'],
    ['start', 'CREATE ALGORITHM'],
  ])('is whole when the server is gone at the %s of %s, and a retry goes through', async (when, at) => {
    await using own = await startMariadb({ 'innodb-flush-log-at-trx-commit': '2' });
    const tools = mysqlTools(own);
    await makeChangingShop('cut', tools);
    const { kept } = await tools.keep('cut');
    await tools.ask('cut', CHANGE);
    let gone: Promise<void> | undefined;
    const listener = (message: unknown): void => {
      const query = message instanceof Object && 'query' in message ? String(message.query) : '';
      if (gone === undefined && query.startsWith(at)) gone = own.kill();
    };
    const events = channel(`tracing:mysql2:query:${when}`);
    events.subscribe(listener);
    const trouble = async (entry: StoredEntry): Promise<void> => {
      if (at === 'LOAD DATA' && entry.path.toString().includes('/tables/')) await (gone ??= own.kill());
    };
    try {
      await expect(tools.restore('cut', kept, { policy: 'OVERWRITE', trouble })).rejects.toMatchObject({
        code: expect.stringMatching('SOURCE_UNAVAILABLE|RESTORE_FAILED'),
      });
    } finally {
      events.unsubscribe(listener);
    }
    expect(gone).toBeDefined();
    await gone;
    await own.restart();
    const [[note] = []] = await tools.ask('cut', 'SELECT MAX(note) FROM orders');
    expect(['now', 'note 999']).toContain(note);
    await tools.restore('cut', kept, { policy: 'OVERWRITE' });
    await expectOld('cut', tools);
    expect(await leftovers(tools)).toEqual([]);
  });
});
