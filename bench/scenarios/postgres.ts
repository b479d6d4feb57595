/** PostgreSQL databases of 2 GB: backed up, backed up again after changes, restored; beside the server's own programs. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { startPostgres } from '../../test/support/postgres-server.ts';
import type { Bench } from '../bench.ts';
import { CHANGE_ONE_PERCENT, makeOneTable, makeShop, type Psql, psqlOf } from '../data/postgres.ts';
import { sizeOf } from '../process.ts';
import type { Row } from '../report.ts';
import { OURS, Samples } from '../samples.ts';
import { inTurn } from '../tools/installed.ts';
import { Service } from '../tools/service.ts';
import { type DatabaseTool, strongroomDatabase } from '../tools/strongroom-database.ts';

const SEVERAL = 'backup of several tables, s';
const ONE = 'backup of one table, s';
const ADDED = 'second backup after 1 % of the rows changed: stored, % of the first';
const RESTORE = 'restore of several tables, s';
const MEMORY = 'memory of the service above idle while it backs up and restores, MB';

const DUMP = 'pg_dump -Fd -j2';
const CONNECTIONS = 2;

/** As a server is set up that means it: everything is flushed, nothing runs on its own. */
const SETTINGS = {
  fsync: 'on',
  full_page_writes: 'on',
  synchronous_commit: 'on',
  shared_buffers: '1GB',
  max_wal_size: '8GB',
  autovacuum: 'off',
};

export async function postgres(bench: Bench): Promise<readonly Row[]> {
  const samples = new Samples('postgres', bench.say);
  await using server = await startPostgres(SETTINGS);
  const { host, port, user, password, binaries } = server;
  const env = { PGHOST: host, PGPORT: String(port), PGUSER: user, PGPASSWORD: password };
  const psql = psqlOf(env, binaries);
  bench.say('making two databases of 2 GB');
  await server.createDatabase('several');
  await server.createDatabase('single');
  await Promise.all([makeShop(psql, 'several', bench.scale), makeOneTable(psql, 'single', bench.scale)]);
  const settled = async (): Promise<void> => {
    await psql('postgres', 'CHECKPOINT');
    await bench.run('sync', []);
  };

  await using service = await Service.start(bench);
  const settings = { host, port, user, password, connections: CONNECTIONS };
  const ours = strongroomDatabase(bench, service, { plugin: 'postgres', settings });
  const tools = [ours, pgDump(bench, binaries, env, psql)];
  const idle = await service.peakMemory();
  for (let round = 0; round < bench.rounds; round++) {
    bench.say(`round ${round + 1} of ${bench.rounds}`);
    for (const [database, measure] of [
      ['single', ONE],
      ['several', SEVERAL],
    ] as const) {
      for (const tool of inTurn(tools, round)) {
        await tool.prepare(database);
        await settled();
        samples.add(measure, tool.name, await tool.backup());
      }
    }
    for (const tool of inTurn(tools, round)) {
      await tool.prepareRestore('restored');
      await settled();
      samples.add(RESTORE, tool.name, await tool.restore('restored'));
      await psql('postgres', 'DROP DATABASE restored');
    }
  }
  const first = await sizeOf(ours.repository);
  await psql('several', CHANGE_ONE_PERCENT);
  await ours.backup();
  samples.add(ADDED, OURS, (((await sizeOf(ours.repository)) - first) / first) * 100);
  samples.add(MEMORY, OURS, (await service.peakMemory()) - idle);
  return [
    ...samples.against(SEVERAL, { [DUMP]: 0.8 }),
    ...samples.against(ONE, { [DUMP]: 0.7 }),
    samples.alone(ADDED, 5),
    ...samples.against(RESTORE, { [DUMP]: 1 }),
    samples.alone(MEMORY, 100),
  ];
}

/** The server's own programs, compressing as they do fastest with a result of use. */
function pgDump(bench: Bench, binaries: string, env: Readonly<Record<string, string>>, psql: Psql): DatabaseTool {
  const repository = join(bench.place, 'dump');
  let database = '';
  return {
    name: DUMP,
    repository,
    async prepare(of) {
      database = of;
      await rm(repository, { recursive: true, force: true });
    },
    async backup() {
      const { stdout } = await execa(join(binaries, 'pg_dump'), ['--version']);
      const compress = Number(/ (\d+)/.exec(stdout)?.[1]) >= 16 ? 'zstd:3' : '1';
      const options = ['--format=directory', `--jobs=${CONNECTIONS}`, `--compress=${compress}`, '--file', repository];
      return bench.run(join(binaries, 'pg_dump'), [...options, database], { env });
    },
    prepareRestore: (name) => psql('postgres', `CREATE DATABASE ${name} TEMPLATE template0`),
    restore: (name) =>
      bench.run(join(binaries, 'pg_restore'), [`--jobs=${CONNECTIONS}`, '--dbname', name, repository], { env }),
  };
}
