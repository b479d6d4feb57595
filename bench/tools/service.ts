/** A Strongroom service as users run it, `strongroom serve` with its worker and embedded catalogue, and its command line. */
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import type { Bench } from '../bench.ts';
import { peakMemory, processorSeconds } from '../process.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'bin/strongroom.js');

interface Running {
  readonly pid: number;
  readonly url: string;
  /** Ends the process in an orderly way. */
  stop(): Promise<void>;
}

export class Service implements AsyncDisposable {
  readonly #bench: Bench;
  readonly #settings: Readonly<Record<string, string>>;
  readonly #token: string;
  #running: Running;
  #names = 0;

  private constructor(bench: Bench, settings: Readonly<Record<string, string>>, running: Running, token: string) {
    this.#bench = bench;
    this.#settings = settings;
    this.#running = running;
    this.#token = token;
  }

  /**
   * Starts a service whose data lies in a new folder of the scenario's place.
   * @param plugins modules of plugins to load beside the built-in ones
   */
  static async start(bench: Bench, plugins: readonly string[] = []): Promise<Service> {
    const settings = {
      STRONGROOM_DATA_DIR: join(bench.place, 'service'),
      STRONGROOM_ROOTS: bench.root,
      STRONGROOM_PORT: '0',
      STRONGROOM_LOG: 'warn',
      STRONGROOM_PLUGINS: plugins.join(','),
    };
    const { running, token } = await start(settings);
    if (token === undefined) throw new Error('The service did not say its access token.');
    return new Service(bench, settings, running, token);
  }

  /** A name that no other object of this service has. */
  newName(kind: string): string {
    this.#names += 1;
    return `${kind}-${this.#names}`;
  }

  /** Runs a command of the command line against the service to its end; answers its seconds. */
  command(...parameters: readonly string[]): Promise<number> {
    return this.#bench.run(process.execPath, [MAIN, '--quiet', ...parameters], {
      cwd: ROOT,
      env: { STRONGROOM_URL: this.#running.url, STRONGROOM_TOKEN: this.#token },
    });
  }

  /** See `peakMemory`: the process of the service, with its threads, since it was started. */
  peakMemory(): Promise<number> {
    return peakMemory(this.#running.pid);
  }

  processorSeconds(): Promise<number> {
    return processorSeconds(this.#running.pid);
  }

  /** Ends the service and starts it again with the same data. */
  async restart(): Promise<void> {
    await this.#running.stop();
    this.#running = (await start(this.#settings)).running;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#running.stop();
  }
}

async function start(
  settings: Readonly<Record<string, string>>,
): Promise<{ running: Running; token: string | undefined }> {
  const child = execa(process.execPath, [MAIN, 'serve'], {
    cwd: ROOT,
    env: settings,
    stdin: 'ignore',
    stderr: 'inherit',
    buffer: false,
    // Killed, it would leave its database server behind.
    forceKillAfterDelay: 60_000,
    reject: false,
  });
  let greeting = '';
  for await (const line of createInterface({ input: child.stdout })) {
    greeting += `${line}\n`;
    if (line.startsWith('Stop it')) break;
  }
  const url = /(http:\/\/\S+)\/graphql/.exec(greeting)?.[1];
  if (url === undefined || child.pid === undefined) throw new Error('The service did not start.');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    await child;
  };
  return { running: { pid: child.pid, url, stop }, token: /\b(srt_\S+)/.exec(greeting)?.[1] };
}
