/** The program: its options and its commands. */
import { StrongroomCommand } from './command.ts';
import type { MakeAction } from './command.ts';
import { addBackupCommands } from './commands/backups/index.ts';
import { addCompletionCommand } from './commands/completion.ts';
import { addEventCommands } from './commands/event.ts';
import { addPluginCommands } from './commands/plugin.ts';
import { addRepositoryCommands } from './commands/repositories/index.ts';
import { addRestoreCommands } from './commands/restores/index.ts';
import { addServiceCommands } from './commands/service.ts';
import { addSourceCommands } from './commands/sources/index.ts';
import { addTokenCommands } from './commands/token.ts';
import { addWorkloadCommands } from './commands/workloads/index.ts';
import type { CommandLineDeps } from './deps.ts';
import { exitCodeMeanings } from './exit-codes.ts';
import { serverAddress } from './input/values.ts';

const closing = `
Exit codes:
${exitCodeMeanings.map(([code, meaning]) => `  ${String(code).padEnd(4)} ${meaning}`).join('\n')}

Errors go to standard error; with --json as one line:
  {"error": {"code": "...", "message": "...", "help": "..."}}

Environment:
  STRONGROOM_URL    address of the server; without it, the one of this machine is used if it runs,
                    else the work is done in this process
  STRONGROOM_TOKEN  access token for the server
  NO_COLOR          no colours`;

/** Builds the program; `action` makes what commander calls of what commands do. */
export function buildProgram(
  deps: Pick<CommandLineDeps, 'stdout' | 'stderr' | 'version'>,
  action: MakeAction,
): StrongroomCommand {
  const program = new StrongroomCommand('strongroom')
    .description('Backs up applications: their databases, files and configuration.')
    .version(deps.version, '-V, --version', 'show the version')
    .helpOption('-h, --help', 'show help')
    .helpCommand('help [command]', 'show help for a command')
    .option('--url <address>', 'address of the server, http://host:port (or STRONGROOM_URL)', serverAddress)
    .option('--token-file <file>', 'file with the access token, - for standard input (or STRONGROOM_TOKEN)')
    .option('--json', 'print results as JSON on standard output, errors as JSON on standard error')
    .option('-q, --quiet', 'print results and errors only')
    .option('--no-color', 'no colours')
    .exitOverride()
    .showSuggestionAfterError()
    .configureHelp({ showGlobalOptions: true })
    .configureOutput({
      writeOut: (text) => void deps.stdout.write(text),
      writeErr: (text) => void deps.stderr.write(text),
      // Reported by whoever runs the program, so that it can be JSON.
      outputError: () => undefined,
      getOutHelpWidth: () => deps.stdout.columns ?? 80,
      getErrHelpWidth: () => deps.stderr.columns ?? 80,
      getOutHasColors: () => false,
      getErrHasColors: () => false,
    })
    .addHelpText('after', closing)
    .example('strongroom backup create --workload shop', 'Back up a workload and watch')
    .example('strongroom backup list', 'See the backups')
    .example('strongroom backup restore latest --to /srv/restored', 'Restore the latest backup into a folder');

  program.commandsGroup('Service:');
  addServiceCommands(program, action);
  program.commandsGroup('Backups:');
  addBackupCommands(program, action);
  addRestoreCommands(program, action);
  program.commandsGroup('What is protected, and where:');
  addWorkloadCommands(program, action);
  addSourceCommands(program, action);
  addRepositoryCommands(program, action);
  program.commandsGroup('Administration:');
  addPluginCommands(program, action);
  addTokenCommands(program, action);
  addEventCommands(program, action);
  addCompletionCommand(program, action);
  return program;
}
