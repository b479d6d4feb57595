/** What the command line needs from the process it runs in. */
import type { GraphQLTransport } from './transport.ts';

/** Where text or bytes go: `process.stdout` is one. */
export interface OutputStream {
  write(chunk: string | Uint8Array): boolean;
  on(event: 'error', listener: (error: Error) => void): unknown;
  once(event: 'drain' | 'error', listener: () => void): unknown;
  off(event: 'drain' | 'error', listener: () => void): unknown;
  readonly isTTY?: boolean;
  /** Width of the terminal in columns. */
  readonly columns?: number;
}

/** Where answers, passphrases and piped data come from: `process.stdin` is one. */
export type InputStream = NodeJS.ReadableStream & { readonly isTTY?: boolean };

/** What the environment says, read by `src/config.ts`. */
export interface CommandLineEnvironment {
  /** STRONGROOM_URL, when given: only that server is used. */
  readonly url?: string;
  /** STRONGROOM_TOKEN. */
  readonly token?: string;
  /** Where a server of this machine listens by default, for instance `http://127.0.0.1:7878`. */
  readonly defaultUrl: string;
  /** False when NO_COLOR is set or the terminal can't show colours. */
  readonly colour: boolean;
  /** The value of any environment variable, for `--secret-env`. */
  variable(name: string): string | undefined;
}

export interface CommandLineDeps {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
  readonly stdin: InputStream;
  readonly environment: CommandLineEnvironment;
  readonly version: string;
  readonly clock: { now(): Date };
  /** Opens a Strongroom in this process, its jobs worked here too; used when no server is named and none listens. */
  openLocal(): Promise<GraphQLTransport>;
  /** Runs the service until it is told to stop; resolves with the exit code. */
  serve(): Promise<number>;
  /** Works jobs until it is told to stop; resolves with the exit code. */
  worker(): Promise<number>;
  /**
   * Calls `listener` at every SIGINT and SIGTERM from now on, instead of ending the process. Returns what takes the
   * listener off again. Not used by `serve` and `worker`, which handle signals themselves.
   */
  onInterrupt(listener: () => void): () => void;
  /** Milliseconds to wait before each attempt to connect again while watching; has a default. */
  readonly reconnectDelays?: readonly number[];
}
