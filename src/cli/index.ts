/** The command line: everything that `strongroom` understands. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import { CommanderError } from 'commander';
import { StrongroomError } from '../errors.ts';
import type { CommandLineDeps } from './deps.ts';
import { exitCodeFor, exitCodes } from './exit-codes.ts';
import { createOutput, failureOf } from './output/output.ts';
import type { Output } from './output/output.ts';
import { buildProgram } from './program.ts';
import { createSession } from './session.ts';
import type { GlobalOptions, Session } from './session.ts';
import type { MakeAction, StrongroomCommand } from './command.ts';

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

/** Tells what a command met, and gives its exit code. */
function reportFailure(session: Session, thrown: unknown): number {
  const broken = session.brokenOutput();
  // Whoever read the output has seen enough: `strongroom … | head`.
  if (broken !== undefined && 'code' in broken && broken.code === 'EPIPE') return exitCodes.ok;
  const left = session.interrupts.signal.aborted && broken === undefined;
  const failure = failureOf(left ? new StrongroomError('CANCELLED', {}) : (broken ?? thrown));
  session.output.failure(failure);
  return exitCodeFor(failure.code);
}

/**
 * Runs one command line, without the program's name: `['backup', 'list']`. Resolves with the exit code once all
 * output is written and everything opened is closed; never rejects for what a command meets.
 */
export async function runCommandLine(argv: readonly string[], deps: CommandLineDeps): Promise<number> {
  let code: number = exitCodes.ok;
  // Without a listener a broken pipe ends the process with a stack; a session listens for what to do about it.
  deps.stdout.on('error', () => undefined);
  deps.stderr.on('error', () => undefined);
  const action: MakeAction =
    (body) =>
    async (...values) => {
      await using session = createSession(deps, program.opts<GlobalOptions>());
      try {
        code = (await body(session, ...values)) ?? exitCodes.ok;
        // A write that failed says so in the next turn of the event loop.
        await nextTurn();
        const broken = session.brokenOutput();
        if (broken !== undefined) throw broken;
      } catch (error) {
        code = reportFailure(session, error);
      }
    };
  const program = await buildProgram(deps, action, argv);
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
