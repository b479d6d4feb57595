import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startMariadb, type MariadbServer } from '../../support/mariadb-server.ts';
import { mysqlTools, type MysqlTools, type OpenClient } from '../../support/mysql-source.ts';
import { findProgram } from '../../support/programs.ts';

let server: MariadbServer;
beforeAll(async () => {
  server = await startMariadb({
    'max-allowed-packet': '256M',
    'plugin-load-add': 'ha_archive.so;ha_blackhole.so',
    'sync-frm': '0',
    // Sessions that say nothing else would not see one moment, and could not read what a load has counted.
    'transaction-isolation': 'READ-COMMITTED',
    'lc-messages': 'de_DE',
  });
}, 60_000);
afterAll(() => server[Symbol.asyncDispose]());

const connect: MysqlTools['connect'] = (...given) => mysqlTools(server).connect(...given);
const ask: MysqlTools['ask'] = (...given) => mysqlTools(server).ask(...given);
const keep: MysqlTools['keep'] = (...given) => mysqlTools(server).keep(...given);
const restore: MysqlTools['restore'] = (...given) => mysqlTools(server).restore(...given);

/** Views that are broken: the server's own program gives up at the first. */
const BROKEN = ['above_broken', 'broken'];
/** Their rows would make a text of hundreds of megabytes. They are compared by their sums. */
const HUGE = ['giants', 'whole_packets', 'three_megabytes'];

/** Everything that the server's own program writes of a database, history included. */
async function dumpOf(database: string): Promise<readonly string[]> {
  const { host, port, user, password } = server;
  const { stdout } = await execa(
    (await findProgram('mariadb-dump')) ?? 'mariadb-dump',
    [
      '--no-defaults',
      `--host=${host}`,
      `--port=${port}`,
      `--user=${user}`,
      '--default-character-set=utf8mb4',
      '--routines',
      '--triggers',
      '--events',
      '--dump-history',
      '--hex-blob',
      '--order-by-primary',
      '--skip-dump-date',
      '--skip-comments',
      '--skip-extended-insert',
      ...BROKEN.map((name) => `--ignore-table=${database}.${name}`),
      ...HUGE.map((name) => `--ignore-table-data=${database}.${name}`),
      database,
    ],
    { env: { MYSQL_PWD: password }, maxBuffer: 256 * 2 ** 20 },
  );
  // Around what was made while the database had another character set, that is changed for a moment; this names the database.
  const unnamed = stdout.replaceAll(`ALTER DATABASE \`${database}\``, 'ALTER DATABASE');
  // So does a default that asks a sequence.
  return unnamed.replaceAll(`val(\`${database}\`.`, 'val(').split('\n');
}

const quoted = (name: unknown): string => `\`${String(name).replaceAll('`', '``')}\``;
const literal = (text: unknown): string => `'${String(text).replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;

/** Each row's bytes, and the server's sum of them: the text of a dump does not tell all digits of a float. */
async function rowsOf(database: string): Promise<ReadonlyMap<string, readonly string[]>> {
  await using client = await connect(database);
  const tables = await client.query(
    `SELECT TABLE_NAME, TABLE_TYPE FROM information_schema.TABLES
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_TYPE IN ('BASE TABLE', 'SYSTEM VERSIONED') ORDER BY TABLE_NAME`,
  );
  const found = new Map<string, readonly string[]>();
  for (const [table, kind] of tables) {
    const rows = await client.query(await rowQuery(client, table, kind === 'SYSTEM VERSIONED'));
    const [[, sum] = []] = await client.query(`CHECKSUM TABLE ${quoted(table)} EXTENDED`);
    found.set(String(table), [`checksum ${String(sum)}`, ...rows.map((row) => JSON.stringify(row)).toSorted()]);
  }
  return found;
}

async function rowQuery(client: OpenClient, table: unknown, versioned: boolean): Promise<string> {
  const columns = await client.query(
    `SELECT COLUMN_NAME, DATA_TYPE FROM information_schema.COLUMNS
      WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = ${literal(table)} ORDER BY ORDINAL_POSITION`,
  );
  const values = columns.map(([column, type]) => {
    if (type === 'float') return `${quoted(column)} * 1e0`;
    return type === 'longblob' || type === 'longtext' ? `MD5(${quoted(column)})` : `HEX(CONCAT(${quoted(column)}))`;
  });
  return `SELECT ${values.join(', ')} FROM ${quoted(table)}${versioned ? ' FOR SYSTEM_TIME ALL' : ''}`;
}

/** What of a database is in no dump. */
const settingsOf = (database: string): Promise<unknown[][]> =>
  ask(
    database,
    `SELECT DEFAULT_CHARACTER_SET_NAME, DEFAULT_COLLATION_NAME FROM information_schema.SCHEMATA WHERE SCHEMA_NAME = DATABASE()`,
  );

const everythingOf = async (database: string): Promise<object> => ({
  settings: await settingsOf(database),
  dump: await dumpOf(database),
  rows: await rowsOf(database),
});

const brokenIn = (database: string): Promise<unknown[][]> =>
  ask(
    database,
    `SELECT TABLE_NAME FROM information_schema.VIEWS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME LIKE '%broken' ORDER BY 1`,
  );

const DAMAGE = `SET foreign_key_checks = 0;
DROP TABLE numbers, z_customers, history, merged, watched, in_archive;
DROP VIEW a_top;
CREATE TABLE a_top (id int PRIMARY KEY);
DROP SEQUENCE used;
SELECT SETVAL(down, -5000);
ALTER TABLE choices DROP COLUMN e, ADD COLUMN e int;
ALTER TABLE by_range DROP PARTITION early;
DELETE FROM giants;
UPDATE charsets SET c_latin1 = 'damaged';
CREATE TABLE made_since (id int PRIMARY KEY);
CREATE TRIGGER made_since BEFORE INSERT ON made_since FOR EACH ROW SET NEW.id = 1;
DROP FUNCTION tax;
CREATE FUNCTION tax(a int, b int) RETURNS int RETURN 7;
DROP PROCEDURE by_maker;
CREATE PROCEDURE made_since() SELECT 1;
SET sql_mode = 'ORACLE';
DROP PACKAGE shop_package;
SET sql_mode = '';
DROP EVENT every_hour;
CREATE EVENT made_since ON SCHEDULE EVERY 1 DAY DISABLE DO SELECT 1;
DROP TRIGGER on_odd;
CREATE VIEW broken_since AS SELECT 1;
ALTER DATABASE features CHARACTER SET utf8mb4;
`;

test('every kind of object and every awkward value comes back as it was, elsewhere and in place', async () => {
  await ask(undefined, 'CREATE DATABASE features CHARACTER SET latin2 COLLATE latin2_czech_cs');
  await ask(
    'features',
    await readFile(join(import.meta.dirname, '../../fixtures/source/mariadb-features.sql'), 'utf8'),
  );
  const before = await everythingOf('features');
  const { kept, context } = await keep('features');
  const tables = [...context.tables.values()];

  const elsewhere = await restore('features', kept, { target: { kind: 'database', name: 'again' }, tables });
  expect(await everythingOf('again')).toEqual(before);
  expect(elsewhere.warnings.map(({ subject }) => subject)).toEqual(
    BROKEN.map((name) => `view ${name} of database again`),
  );

  await ask('features', DAMAGE);
  await restore('features', kept, { policy: 'OVERWRITE', tables });
  expect(await everythingOf('features')).toEqual(before);
  expect(await brokenIn('features')).toEqual([]);
  for (const name of ['again', 'features']) {
    await ask(name, `INSERT INTO asks_sequences (note) VALUES ('third')`);
    expect(await ask(name, 'SELECT COUNT(*) FROM asks_sequences')).toEqual([['3']]);
  }
}, 120_000);

test('a view of one moment, over several connections, while money goes from table to table', async () => {
  await ask(
    undefined,
    `CREATE DATABASE bank;
USE bank;
CREATE TABLE bank.cash (id int PRIMARY KEY, amount bigint NOT NULL);
CREATE TABLE bank.savings LIKE bank.cash;
INSERT INTO bank.cash SELECT seq, 1000 FROM seq_1_to_20000;
INSERT INTO bank.savings SELECT * FROM bank.cash;
`,
  );
  await whileTransferring('bank.cash', 'bank.savings', async () => {
    for (const name of ['bank_1', 'bank_2']) {
      const { kept } = await keep('bank', {}, { connections: 2 });
      await restore('bank', kept, { target: { kind: 'database', name }, restoreId: name });
      expect(await sumOf(`${name}.cash`, `${name}.savings`)).toBe('40000000');
    }
  });
  expect(await sumOf('bank.cash', 'bank.savings')).toBe('40000000');
}, 60_000);

/** With a name that is none for a file. */
const TOWN_B = '`town/b.`';

test('several databases are of one moment too', async () => {
  await ask(
    undefined,
    `CREATE DATABASE town_a;
CREATE DATABASE ${TOWN_B};
USE town_a;
CREATE TABLE town_a.people (id int PRIMARY KEY, amount bigint NOT NULL);
CREATE TABLE ${TOWN_B}.people LIKE town_a.people;
INSERT INTO town_a.people SELECT seq, 1000 FROM seq_1_to_20000;
INSERT INTO ${TOWN_B}.people SELECT * FROM town_a.people;
`,
  );
  const towns = {
    database: undefined,
    databases: ['*'],
    excludeDatabases: ['features', 'again', 'elsewhere', 'bank*'],
  };
  const kept = await whileTransferring(
    'town_a.people',
    `${TOWN_B}.people`,
    async () => (await keep('', {}, towns)).kept,
  );
  expect(kept.map(({ path }) => path.toString()).filter((path) => path.split('/').length === 2)).toEqual([
    'databases/town%2Fb.',
    'databases/town_a',
  ]);
  await ask(undefined, `DROP DATABASE town_a;\nDROP TABLE ${TOWN_B}.people`);
  await restore('', kept, { policy: 'OVERWRITE', configuration: towns });
  expect(await sumOf('town_a.people', `${TOWN_B}.people`)).toBe('40000000');
}, 60_000);

async function sumOf(one: string, other: string): Promise<string> {
  const sum = `SELECT SUM(amount) FROM (SELECT amount FROM ${one} UNION ALL SELECT amount FROM ${other}) AS both_tables`;
  const [[answer] = []] = await ask(undefined, sum);
  return String(answer);
}

/** Runs `work` between the first and the last of many transfers, of several connections; each is in one transaction. */
async function whileTransferring<T>(one: string, other: string, work: () => Promise<T>): Promise<T> {
  const over = new AbortController();
  let transfers = 0;
  const transferring = Promise.withResolvers<void>();
  const clerk = async (_: unknown, number: number): Promise<void> => {
    await using client = await connect();
    for (let at = number; !over.signal.aborted; at += 7919) {
      const move = (table: string, by: number): string =>
        `UPDATE ${table} SET amount = amount + ${by} WHERE id = ${1 + (at % 20_000)};\n`;
      await client.query(`START TRANSACTION;\n${move(one, -number)}${move(other, number)}COMMIT`);
      transfers += 1;
      if (transfers === 100) transferring.resolve();
    }
  };
  const clerks = Promise.all(Array.from({ length: 4 }, clerk));
  clerks.catch(transferring.reject);
  await transferring.promise;
  try {
    return await work();
  } finally {
    over.abort();
    await clerks;
  }
}

test('thousands of tables', async () => {
  const names = Array.from({ length: 5_000 }, (_, at) => `t${at}`);
  // A file for each would take most of the time.
  await ask(undefined, 'SET GLOBAL innodb_file_per_table = 0;\nCREATE DATABASE many');
  await ask(
    'many',
    names
      .map((name, at) => `CREATE TABLE ${name} (id int PRIMARY KEY);\nINSERT INTO ${name} VALUES (${at});\n`)
      .join(''),
  );
  const { kept, context } = await keep('many');
  expect(context.tables.size).toBe(5_000);
  const tables = [...context.tables.values()];
  await restore('many', kept, { target: { kind: 'database', name: 'many_again' }, tables });
  const rows: unknown[][] = [];
  for (let at = 0; at < names.length; at += 500) {
    const some = names.slice(at, at + 500).map((name) => `SELECT id FROM ${name}`);
    rows.push(...(await ask('many_again', some.join(' UNION ALL '))));
  }
  expect(rows.map(([id]) => Number(id))).toEqual(names.map((_, at) => at));
}, 600_000);
