/** Makes sure that the machine has the servers that the tests run against; with `--bench`, what the benchmark compares with. */
import { execa } from 'execa';
import { findPostgresBinaries, isInstalled } from '../test/support/programs.ts';
import { setUp, type Need } from './house/set-up.ts';

const program = (name: string, debianPackage: string): Need => ({
  what: `the program ${name}`,
  debianPackage,
  isMet: () => isInstalled(name),
});

const forTests: readonly Need[] = [
  {
    what: 'a PostgreSQL server with its client programs',
    debianPackage: 'postgresql',
    isMet: async () => (await findPostgresBinaries()) !== undefined,
  },
  {
    what: 'a MariaDB server with its client programs',
    debianPackage: 'mariadb-server',
    isMet: async () => (await isInstalled('mariadbd')) && (await isInstalled('mariadb-dump')),
  },
  // Injects failing system calls; exists on Linux only.
  ...(process.platform === 'linux' ? [program('strace', 'strace')] : []),
];
const forBenchmark: readonly Need[] = [
  program('restic', 'restic'),
  program('borg', 'borgbackup'),
  program('zstd', 'zstd'),
  program('tar', 'tar'),
  program('mydumper', 'mydumper'),
];

const ready = await setUp(process.argv.includes('--bench') ? forBenchmark : forTests, {
  canInstall: process.getuid?.() === 0 && (await isInstalled('apt-get')),
  run: async (command, args) => {
    const { exitCode } = await execa(command, args, {
      stdio: ['ignore', 'inherit', 'inherit'],
      reject: false,
      env: { DEBIAN_FRONTEND: 'noninteractive' },
    });
    return exitCode === 0;
  },
  print: (line) => console.log(line),
});
if (!ready) process.exitCode = 1;
