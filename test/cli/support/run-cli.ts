/** Runs the command line in this process and keeps what it wrote. */
import { PassThrough } from 'node:stream';
import { runCommandLine } from '../../../src/cli/index.ts';
import type { CommandLineDeps, GraphQLTransport, OutputStream } from '../../../src/cli/index.ts';

export interface CliOptions {
  readonly transport?: GraphQLTransport;
  readonly url?: string;
  readonly defaultUrl?: string;
  readonly token?: string;
  readonly variables?: Readonly<Record<string, string>>;
  /** Both outputs are terminals. */
  readonly terminal?: boolean;
  readonly columns?: number;
  readonly colour?: boolean;
  /** What is typed or piped in; stays open for a terminal. */
  readonly input?: string;
  readonly now?: () => Date;
  readonly serve?: () => Promise<number>;
  readonly reconnectDelays?: readonly number[];
  /** Is given what interrupts the run, as Ctrl-C would. */
  readonly onStart?: (interrupt: () => void) => void;
}

export interface CliResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A port that nothing listens on: the system gives out none below 1024. */
export const NOBODY = 'http://127.0.0.1:2';

function collector(terminal: boolean, columns: number): OutputStream & { text(): string } {
  const chunks: Buffer[] = [];
  return {
    isTTY: terminal,
    columns,
    write(chunk) {
      chunks.push(Buffer.from(chunk));
      return true;
    },
    on: () => undefined,
    once: () => undefined,
    off: () => undefined,
    text: () => Buffer.concat(chunks).toString('utf8'),
  };
}

export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliResult> {
  const terminal = options.terminal ?? false;
  const stdout = collector(terminal, options.columns ?? 100);
  const stderr = collector(terminal, options.columns ?? 100);
  const stdin = Object.assign(new PassThrough(), { isTTY: terminal });
  if (options.input !== undefined) stdin.write(options.input);
  if (!terminal) stdin.end();
  const listeners = new Set<() => void>();
  options.onStart?.(() => {
    for (const listener of listeners) listener();
  });
  const { transport } = options;
  const deps: CommandLineDeps = {
    stdout,
    stderr,
    stdin,
    version: '9.8.7',
    environment: {
      ...(options.url !== undefined && { url: options.url }),
      ...(options.token !== undefined && { token: options.token }),
      defaultUrl: options.defaultUrl ?? NOBODY,
      colour: options.colour ?? false,
      variable: (name) => options.variables?.[name],
    },
    clock: { now: options.now ?? (() => new Date('2026-03-01T12:00:00.000Z')) },
    openLocal: () =>
      transport === undefined ? Promise.reject(new Error('nothing to open')) : Promise.resolve(transport),
    serve: options.serve ?? (() => Promise.resolve(0)),
    worker: () => Promise.resolve(0),
    onInterrupt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    ...(options.reconnectDelays && { reconnectDelays: options.reconnectDelays }),
  };
  const code = await runCommandLine(argv, deps);
  return { code, stdout: stdout.text(), stderr: stderr.text() };
}
