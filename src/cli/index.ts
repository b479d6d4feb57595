/** The command line: everything that `strongroom` understands. */
import { CommanderError } from 'commander';
import { StrongroomError } from '../errors.ts';
import type { CommandLineDeps } from './deps.ts';
import { exitCodeFor, exitCodes } from './exit-codes.ts';
import { createOutput, failureOf } from './output/output.ts';
import type { Output } from './output/output.ts';
import { buildProgram } from './program.ts';
import { createSession } from './session.ts';
import type { GlobalOptions } from './session.ts';
import type { StrongroomCommand } from './command.ts';

export type { CommandLineDeps, CommandLineEnvironment, InputStream, OutputStream } from './deps.ts';
export type { GraphQLAnswer, GraphQLFault, GraphQLRequest, GraphQLTransport } from './transport.ts';

/** The command that the words lead to, as far as they go. */
function commandAt(program: StrongroomCommand, argv: readonly string[]): StrongroomCommand {
  let command = program;
  for (const word of argv) {
    const next = command.children.find((child) => child.name() === word || child.aliases().includes(word));
    if (next === undefined && !word.startsWith('-')) break;
    command = next ?? command;
  }
  return command;
}

function usageFailure(
  error: CommanderError,
  program: StrongroomCommand,
  argv: readonly string[],
  output: Output,
): number {
  if (error.exitCode === 0) return exitCodes.ok;
  // Help was asked for by saying too little; commander has printed it.
  if (error.code === 'commander.help') return exitCodes.usage;
  const reason = error.message.replace(/^error: /u, '').replaceAll('\n', ' ');
  output.failure(new StrongroomError('USAGE', { reason, command: commandAt(program, argv).path }));
  return exitCodes.usage;
}

/**
 * Runs one command line, without the program's name: `['backup', 'list']`. Resolves with the exit code once all
 * output is written and everything opened is closed; never rejects for what a command meets.
 */
export async function runCommandLine(argv: readonly string[], deps: CommandLineDeps): Promise<number> {
  let code: number = exitCodes.ok;
  const program = buildProgram(deps, (body) => async (...values) => {
    await using session = createSession(deps, program.opts<GlobalOptions>());
    try {
      code = (await body(session, ...values)) ?? exitCodes.ok;
    } catch (error) {
      const failure = session.interrupts.signal.aborted
        ? { code: 'CANCELLED', message: 'It was cancelled.', help: '' }
        : failureOf(error);
      session.output.failure(failure);
      code = exitCodeFor(failure.code);
    }
  });
  try {
    await program.parseAsync(argv, { from: 'user' });
  } catch (error) {
    const output = createOutput({
      stdout: deps.stdout,
      stderr: deps.stderr,
      json: argv.includes('--json'),
      quiet: false,
      colour: deps.environment.colour && !argv.includes('--no-color'),
    });
    if (error instanceof CommanderError) return usageFailure(error, program, argv, output);
    const failure = failureOf(error);
    output.failure(failure);
    return exitCodeFor(failure.code);
  }
  return code;
}
