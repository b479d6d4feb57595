/** A MariaDB database of 2 GB: backed up, backed up again after changes, restored; beside mydumper, myloader and mariadb-dump. */
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startMariadb } from '../../test/support/mariadb-server.ts';
import type { Bench } from '../bench.ts';
import { CHANGE_ONE_PERCENT, clientOf, makeOneTable, makeShop } from '../data/mariadb.ts';
import { sizeOf } from '../process.ts';
import type { Row } from '../report.ts';
import { OURS, Samples } from '../samples.ts';
import { inTurn } from '../tools/installed.ts';
import { Service } from '../tools/service.ts';
import { type DatabaseTool, strongroomDatabase } from '../tools/strongroom-database.ts';

const BACKUP = 'backup of several tables, s';
const ONE = 'backup of one table, s';
const ADDED = 'second backup after 1 % of the rows changed: stored, % of the first';
const RESTORE = 'restore of several tables, s';
const MEMORY = 'memory of the service above idle while it backs up and restores, MB';

const MYDUMPER = 'mydumper -t 2 -c, myloader -t 2';
const DUMP = 'mariadb-dump | zstd';
const CONNECTIONS = 2;

/** As a server is set up that means it: what is committed is flushed. */
const SETTINGS = {
  'innodb-flush-log-at-trx-commit': '1',
  'innodb-flush-method': 'O_DIRECT',
  'innodb-buffer-pool-size': '1G',
  'innodb-log-file-size': '2G',
  'max-allowed-packet': '64M',
};

export async function mariadb(bench: Bench): Promise<readonly Row[]> {
  const samples = new Samples('mariadb', bench.say);
  await using server = await startMariadb(SETTINGS);
  const { host, port, user, password, socket } = server;
  const access = [`--socket=${socket}`, `--user=${user}`];
  const env = { MYSQL_PWD: password };
  const client = clientOf(access, env);
  bench.say('making two databases of 2 GB');
  await client('', 'CREATE DATABASE several; CREATE DATABASE single;');
  await Promise.all([makeShop(client, 'several', bench.scale), makeOneTable(client, 'single', bench.scale)]);

  await using service = await Service.start(bench);
  const settings = { host, port, user, password, connections: CONNECTIONS };
  const ours = strongroomDatabase(bench, service, { plugin: 'mysql', settings });
  const theirs = mydumper(bench, access, env);
  const idle = await service.peakMemory();
  const settled = (): Promise<number> => bench.run('sync', []);
  for (let round = 0; round < bench.rounds; round++) {
    bench.say(`round ${round + 1} of ${bench.rounds}`);
    for (const [database, measure] of [
      ['single', ONE],
      ['several', BACKUP],
    ] as const) {
      for (const tool of inTurn([ours, theirs, mariadbDump(bench, access, env)], round)) {
        await tool.prepare(database);
        await settled();
        samples.add(measure, tool.name, await tool.backup());
      }
    }
    for (const tool of inTurn([ours, theirs], round)) {
      await settled();
      samples.add(RESTORE, tool.name, await tool.restore('restored'));
      await client('', 'DROP DATABASE restored');
    }
  }
  const first = await sizeOf(ours.repository);
  await client('several', CHANGE_ONE_PERCENT);
  await ours.backup();
  samples.add(ADDED, OURS, (((await sizeOf(ours.repository)) - first) / first) * 100);
  samples.add(MEMORY, OURS, (await service.peakMemory()) - idle);
  return [
    ...samples.against(BACKUP, { [MYDUMPER]: 0.9, [DUMP]: 0.9 }),
    ...samples.against(ONE, { [MYDUMPER]: 0.9, [DUMP]: 0.9 }),
    samples.alone(ADDED, 5),
    ...samples.against(RESTORE, { [MYDUMPER]: 1 }),
    samples.alone(MEMORY, 100),
  ];
}

type Dumper = Pick<DatabaseTool, 'name' | 'prepare' | 'backup' | 'restore'>;

/** In parallel, a file a table, each compressed by gzip. */
function mydumper(bench: Bench, access: readonly string[], env: Readonly<Record<string, string>>): Dumper {
  const folder = join(bench.place, 'mydumper');
  const how = [...access, `--password=${env['MYSQL_PWD']}`, `--threads=${CONNECTIONS}`];
  let database = '';
  return {
    name: MYDUMPER,
    async prepare(of) {
      database = of;
      await rm(folder, { recursive: true, force: true });
      await mkdir(folder);
    },
    backup: () => bench.run('mydumper', [...how, '--compress', `--database=${database}`, `--outputdir=${folder}`]),
    restore: (name) => bench.run('myloader', [...how, `--database=${name}`, `--directory=${folder}`]),
  };
}

/** The server's own program, over one connection. */
function mariadbDump(bench: Bench, access: readonly string[], env: Readonly<Record<string, string>>): Dumper {
  const file = join(bench.place, 'dump.sql.zst');
  let database = '';
  return {
    name: DUMP,
    async prepare(of) {
      database = of;
      await rm(file, { force: true });
    },
    backup: () => {
      const dump = ['mariadb-dump', '--no-defaults', ...access, '--single-transaction', '--quick', database].join(' ');
      return bench.run('sh', ['-c', `${dump} | zstd -q -o '${file}'`], { env });
    },
    restore: () => Promise.reject(new Error('Its restore is not measured.')),
  };
}
