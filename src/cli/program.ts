/** The program: its options and its commands. */
import { StrongroomCommand } from './command.ts';
import type { MakeAction } from './command.ts';
import type { CommandLineDeps } from './deps.ts';
import { exitCodeMeanings } from './exit-codes.ts';
import { serverAddress } from './input/values.ts';
import { addParts, leadingWords } from './parts.ts';
import type { Part } from './parts.ts';

const parts: readonly Part[] = [
  {
    heading: 'Service:',
    names: ['serve', 'worker'],
    load: async () => (await import('./commands/service.ts')).addServiceCommands,
  },
  {
    heading: 'Backups:',
    names: ['backup'],
    load: async () => (await import('./commands/backups/index.ts')).addBackupCommands,
  },
  { names: ['restore'], load: async () => (await import('./commands/restores/index.ts')).addRestoreCommands },
  {
    heading: 'What is protected, and where:',
    names: ['workload'],
    load: async () => (await import('./commands/workloads/index.ts')).addWorkloadCommands,
  },
  { names: ['source'], load: async () => (await import('./commands/sources/index.ts')).addSourceCommands },
  {
    names: ['repository', 'repo'],
    load: async () => (await import('./commands/repositories/index.ts')).addRepositoryCommands,
  },
  {
    heading: 'Administration:',
    names: ['plugin'],
    load: async () => (await import('./commands/plugin.ts')).addPluginCommands,
  },
  { names: ['token'], load: async () => (await import('./commands/token.ts')).addTokenCommands },
  { names: ['event'], load: async () => (await import('./commands/event.ts')).addEventCommands },
  // Without its name: the script that it prints tells of all commands.
  { names: [], load: async () => (await import('./commands/completion.ts')).addCompletionCommand },
];

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

/**
 * Builds the program; `action` makes what commander calls of what commands do. Given `argv`, it may hold only the
 * commands that this command line can come to; without, it holds all.
 */
export async function buildProgram(
  deps: Pick<CommandLineDeps, 'stdout' | 'stderr' | 'version'>,
  action: MakeAction,
  argv: readonly string[] = [],
): Promise<StrongroomCommand> {
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

  await addParts(parts, program, action, leadingWords(program, argv));
  return program;
}
