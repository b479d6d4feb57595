/** `strongroom serve` and `strongroom worker`: run by the process itself, not through the API. */
import type { MakeAction, StrongroomCommand } from '../command.ts';
import { exitCodes } from '../exit-codes.ts';
import type { Session } from '../session.ts';

const delegated = (choose: (session: Session) => () => Promise<number>) => async (session: Session) => {
  // Signals are theirs from here on.
  session.interrupts[Symbol.dispose]();
  const code = await choose(session)();
  return code === 0 ? exitCodes.ok : exitCodes.failed;
};

export function addServiceCommands(program: StrongroomCommand, action: MakeAction): void {
  program
    .command('serve')
    .description('Runs the service: the API, and the jobs unless STRONGROOM_WORKER=off.')
    .example('strongroom serve', 'Run the service on this machine')
    .action(
      action(
        delegated(
          ({ deps }) =>
            () =>
              deps.serve(),
        ),
      ),
    );
  program
    .command('worker')
    .description('Works jobs for a service that runs elsewhere; needs its DATABASE_URL and instance key.')
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
}
