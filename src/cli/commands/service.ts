/** `strongroom serve` and `strongroom worker`: run by the process itself, not through the API. */
import type { MakeAction, StrongroomCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session.ts';
import { addWorkerCommands } from './worker.ts';

const delegated = (choose: (session: Session) => () => Promise<number>) => async (session: Session) => {
  // Signals are theirs from here on.
  session.interrupts[Symbol.dispose]();
  const code = await choose(session)();
  return code === 0 ? exitCodes.ok : exitCodes.failed;
};

type Setting = readonly [name: string, meaning: string, otherwise: string];

/** What `serve` and `worker` both read. */
const common: readonly Setting[] = [
  [
    'STRONGROOM_DATA_DIR',
    'instance key, embedded catalogue, scratch space',
    'root: /var/lib/strongroom; others: ~/.local/share/strongroom',
  ],
  ['DATABASE_URL', 'PostgreSQL server of the catalogue, 13 or later', 'the embedded one'],
  [
    'STRONGROOM_ROOTS',
    'folders, separated by ":", that file sources, restores and folder repositories may use',
    'the home directory',
  ],
  [
    'STRONGROOM_SECRET_KEY',
    '64 hex digits that seal secrets in the catalogue',
    'the file instance.key of the data directory',
  ],
  ['STRONGROOM_LANES', 'threads that one backup or restore uses', 'number of cores'],
  ['STRONGROOM_WORKER_NAME', 'what it is called in "strongroom worker list"', 'the name of the host'],
  ['STRONGROOM_PLUGINS', 'npm packages or files, separated by commas', 'none'],
  ['STRONGROOM_LOG', 'debug, info, warn or error', 'info'],
];

/** What only `serve` reads. */
const serving: readonly Setting[] = [
  ['STRONGROOM_HOST', 'where the API listens', '127.0.0.1'],
  ['STRONGROOM_PORT', 'its port', '7878'],
  ['STRONGROOM_PUBLIC_URL', 'how users reach it, behind a proxy', 'where it listens'],
  ['STRONGROOM_WORKER', 'off: only answer, separate workers run the jobs', 'on'],
];

const environmentText = (settings: readonly Setting[]): string =>
  `\nEnvironment:\n${settings
    .map(([name, meaning, otherwise]) => `  ${name}\n      ${meaning} (otherwise ${otherwise})`)
    .join('\n')}`;

export function addServiceCommands(program: StrongroomCommand, action: MakeAction): void {
  program
    .command('serve')
    .description('Runs the service: the API, and the jobs unless STRONGROOM_WORKER=off.')
    .addHelpText('after', environmentText([...serving, ...common]))
    .example('strongroom serve', 'Run the service on this machine')
    .example(
      'STRONGROOM_PORT=8080 STRONGROOM_ROOTS=/srv:/backups strongroom serve',
      'Listen at another port, and allow these folders',
    )
    .action(
      action(
        delegated(
          ({ deps }) =>
            () =>
              deps.serve(),
        ),
      ),
    );
  const worker = program
    .command('worker')
    .description('Works jobs for a service that runs elsewhere; needs its DATABASE_URL and instance key.')
    .addHelpText('after', environmentText(common))
    .example('strongroom worker', 'Work jobs')
    .action(
      action(
        delegated(
          ({ deps }) =>
            () =>
              deps.worker(),
        ),
      ),
    );
  addWorkerCommands(worker, action);
}
