/** Strongroom in processes of its own, started as a user starts it. */
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { waitFor } from './wait-for.ts';

const MAIN = fileURLToPath(new URL('../../bin/strongroom.js', import.meta.url));

export interface Program extends AsyncDisposable {
  readonly pid: number;
  /** Everything it has written so far, to standard output and standard error. */
  output(): string;
  /** The part of it that went to standard error: its log. */
  log(): string;
  /** Asks it to stop, and resolves with its exit code. */
  stop(): Promise<number | undefined>;
  /** Ends it at once, as a crash would; resolves when it is gone. */
  kill(): Promise<void>;
}

export interface Service extends Program {
  readonly url: string;
  /** The administrator's token, as printed on the first start; empty on later ones. */
  readonly token: string;
}

export interface ProgramOptions {
  /** Its STRONGROOM_ variables and DATABASE_URL; nothing of the kind is inherited. */
  readonly environment: Readonly<Record<string, string>>;
  /** Passes on what it writes to standard error. */
  readonly showErrors?: boolean;
}

/** Runs `serve` at a free port. Rejects with what it said when it does not start. */
export async function startService(options: ProgramOptions): Promise<Service> {
  const environment = { STRONGROOM_PORT: '0', ...options.environment };
  const { program, said } = launch('serve', { ...options, environment });
  await started(program, () => said().includes('Ctrl-C'));
  const url = /(http:\/\/\S+)\/graphql/.exec(said())?.[1];
  if (url === undefined) throw new Error(`The service does not say where it listens: ${said()}`);
  return { ...program, url, token: /\b(srt_\S+)/.exec(said())?.[1] ?? '' };
}

/** Runs `worker`. Rejects with what it said when it does not start. */
export async function startWorker(options: ProgramOptions): Promise<Program> {
  const { program, said } = launch('worker', options);
  await started(program, () => said().includes('worker is ready'));
  return program;
}

interface Launched {
  readonly program: Program & { readonly ended: Promise<unknown> };
  readonly said: () => string;
}

function launch(word: string, { environment, showErrors = false }: ProgramOptions): Launched {
  const { PATH = '', HOME = '' } = process.env;
  const child = execa(process.execPath, [MAIN, word], {
    env: { PATH, HOME, ...environment },
    extendEnv: false,
    buffer: false,
    stdin: 'ignore',
    stderr: showErrors ? ['pipe', 'inherit'] : 'pipe',
    reject: false,
    forceKillAfterDelay: 30_000,
  });
  let said = '';
  let all = '';
  let logged = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    said += text;
    all += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    logged += text;
    all += text;
  });
  const ended = child.then(({ exitCode }) => exitCode);
  const stop = (): Promise<number | undefined> => {
    child.kill('SIGTERM');
    return ended;
  };
  const program = {
    pid: child.pid ?? 0,
    ended,
    output: () => all,
    log: () => logged,
    stop,
    async kill() {
      child.kill('SIGKILL');
      await ended;
    },
    [Symbol.asyncDispose]: async () => void (await stop()),
  };
  return { program, said: () => said };
}

async function started(program: Launched['program'], ready: () => boolean): Promise<void> {
  const gone = program.ended.then(() => {
    throw new Error(`It ended instead of starting: ${program.output()}`);
  });
  try {
    await Promise.race([waitFor(ready, { message: 'it to start', timeoutMs: 90_000 }), gone]);
  } catch (error) {
    await program.kill();
    throw error;
  }
}
