/** The engine as the service has it: every operation in a thread, so that the API answers while the engine works. */
import { Worker } from 'node:worker_threads';
import { DerivedKeys } from './derived-keys.ts';
import { type Allowance, Limits, type Use } from './limits.ts';
import { removeScratch } from './scratch.ts';
import { systemTimer, type Timer } from './throttle.ts';
import { asStrongroomError, errorFromData, StrongroomError } from '../errors.ts';
import {
  type Engine,
  type EngineInput,
  type EngineOperation,
  type EngineOutput,
  longOperations,
  type RepositoryAccess,
  type RunOptions,
} from './operations.ts';
import type { DerivedKey } from '../repository/index.ts';
import type { HostMessage, ThreadMessage } from './thread-protocol.ts';
import type { EngineSettings } from './workshop.ts';

export type { EngineSettings } from './workshop.ts';

/** A run that was aborted has this long to clean up before its thread is ended. */
const ABORT_GRACE_MS = 1500;
/** A restore that has begun to put things in place finishes that rather than leave the target half done. */
const RESTORE_GRACE_MS = 10 * 60_000;
/** Threads kept warm for the next operation. */
const IDLE_THREADS = 1;

/** @param timer paces what is limited; the machine's own when absent */
export function createEngine(settings: EngineSettings, timer: Timer = systemTimer): Engine {
  const limits = new Limits(timer);
  const threads = new Set<EngineThread>();
  const idle: EngineThread[] = [];
  const endings = new Set<Promise<void>>();
  const derivedKeys = new DerivedKeys();
  let disposed = false;

  const start = (): EngineThread => {
    const thread = new EngineThread(settings);
    threads.add(thread);
    return thread;
  };
  const take = (): EngineThread => {
    if (disposed) throw new StrongroomError('CANCELLED', {});
    // A thread may have ended while it was idle; what is posted to it then is never answered.
    let thread = idle.pop();
    while (thread?.alive === false) thread = idle.pop();
    return thread ?? start();
  };
  /** Has the next operation find a thread that has loaded everything. */
  const warm = (): void => {
    if (!disposed && idle.length < IDLE_THREADS) idle.push(start());
  };
  const give = (thread: EngineThread, reusable: boolean): boolean => {
    if (!reusable || !thread.alive || disposed || idle.length >= IDLE_THREADS) return false;
    idle.push(thread);
    return true;
  };
  /** Ends a thread without making its caller wait: a call into a library that is under way there is not cut short. */
  const end = (thread: EngineThread, runId: string | undefined): void => {
    const ending = endThread(thread, settings.dataDirectory, runId)
      .catch((error: unknown) => process.emitWarning(asStrongroomError(error).message))
      .finally(() => {
        threads.delete(thread);
        endings.delete(ending);
        warm();
      });
    endings.add(ending);
  };

  /** What an operation is lent of what was derived before, and who keeps what it derives itself. */
  const lent = (input: EngineInput<EngineOperation>): LentKeys => {
    const access = accessOf(input);
    if (access === undefined) return { derived: undefined, keep: () => undefined };
    return { derived: derivedKeys.of(access), keep: (derived) => derivedKeys.keep(access, derived) };
  };

  return {
    async run<O extends EngineOperation>(operation: O, input: EngineInput<O>, options: RunOptions = {}) {
      const thread = take();
      using use = limits.enter(accessOf(input), longOperations.has(operation), (allowance) => thread.allow(allowance));
      let clean = false;
      try {
        const output = await thread.run(operation, input, use, options, lent(input));
        clean = true;
        return output;
      } catch (error) {
        clean =
          !longOperations.has(operation) &&
          asStrongroomError(error).category !== 'internal' &&
          options.signal?.aborted !== true;
        throw error;
      } finally {
        if (!give(thread, clean)) end(thread, clean ? undefined : runIdOf(input));
      }
    },

    async *readFile(input, signal) {
      const thread = take();
      using use = limits.enter(input.repository, false, (allowance) => thread.allow(allowance));
      try {
        yield* thread.readFile(input, use, lent(input), signal);
      } finally {
        end(thread, undefined);
      }
    },

    limitBandwidth: (repositoryId, bandwidth) => limits.limitBandwidth(repositoryId, bandwidth),
    limitLanes: (lanes) => limits.limitLanes(lanes),

    async [Symbol.asyncDispose]() {
      disposed = true;
      limits[Symbol.dispose]();
      derivedKeys[Symbol.dispose]();
      for (const thread of threads) end(thread, undefined);
      await Promise.all(endings);
    },
  };
}

/** The repository that an operation works with, if it works with one. */
const accessOf = (input: EngineInput<EngineOperation>): RepositoryAccess | undefined =>
  'repository' in input ? input.repository : undefined;

interface LentKeys {
  readonly derived: DerivedKey | undefined;
  keep(derived: DerivedKey): void;
}

/** Runs are named by their backup or restore; other operations have no name. */
function runIdOf(input: object): string | undefined {
  if ('backupId' in input) return String(input.backupId);
  return 'restoreId' in input ? String(input.restoreId) : undefined;
}

/** Ends a thread, and removes the scratch space of a run that had no chance to do so itself. */
async function endThread(thread: EngineThread, dataDirectory: string, runId: string | undefined): Promise<void> {
  await thread[Symbol.asyncDispose]();
  if (runId !== undefined) await removeScratch(dataDirectory, runId);
}

/** One thread and the one operation that it is at. */
class EngineThread implements AsyncDisposable {
  readonly #worker: Worker;
  #receive: (message: ThreadMessage) => void = () => undefined;
  #fail: (error: unknown) => void = () => undefined;
  alive = true;

  constructor(settings: EngineSettings) {
    this.#worker = new Worker(new URL('./thread.ts', import.meta.url), {
      workerData: settings,
      name: 'strongroom engine',
      resourceLimits: { maxYoungGenerationSizeMb: 4 },
    });
    this.#worker.on('message', (message: ThreadMessage) => this.#receive(message));
    this.#worker.on('error', (error) => this.#end(error));
    this.#worker.on('exit', (code) => this.#end(new Error(`the engine's thread ended with code ${code}`)));
  }

  async run<O extends EngineOperation>(
    operation: O,
    input: EngineInput<O>,
    use: Use,
    { signal, onProgress }: RunOptions,
    { derived, keep }: LentKeys,
  ): Promise<EngineOutput<O>> {
    using aborting = this.#abortOn(signal, operation === 'restore' ? RESTORE_GRACE_MS : ABORT_GRACE_MS);
    return await new Promise<EngineOutput<O>>((resolve, reject) => {
      this.#fail = reject;
      this.#receive = (message) => {
        if (message.kind === 'progress') onProgress?.(message.progress);
        else if (message.kind === 'ask' || message.kind === 'moved') this.#pace(use, message);
        else if (message.kind === 'derived') keep(message.derived);
        else if (message.kind === 'result') resolve(message.output as EngineOutput<O>);
        else if (message.kind === 'error') reject(errorOf(message));
      };
      if (aborting.aborted) reject(new StrongroomError('CANCELLED', {}));
      else this.#post({ kind: 'run', operation, input, allowance: use.allowance(), derived });
    });
  }

  async *readFile(
    input: Extract<HostMessage, { kind: 'readFile' }>['input'],
    use: Use,
    { derived, keep }: LentKeys,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array> {
    this.#post({ kind: 'readFile', input, allowance: use.allowance(), derived });
    for (;;) {
      if (signal?.aborted === true) throw new StrongroomError('CANCELLED', {});
      const bytes = await new Promise<Uint8Array | undefined>((resolve, reject) => {
        this.#fail = reject;
        this.#receive = (message) => {
          if (message.kind === 'piece') resolve(message.bytes);
          else if (message.kind === 'ask' || message.kind === 'moved') this.#pace(use, message);
          else if (message.kind === 'derived') keep(message.derived);
          else if (message.kind === 'error') reject(errorOf(message));
        };
        this.#post({ kind: 'pull' });
      });
      if (bytes === undefined) return;
      yield bytes;
    }
  }

  /** Tells what the operation may use from now on. */
  allow(allowance: Allowance): void {
    this.#post({ kind: 'allow', allowance });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#worker.terminate();
  }

  #pace(use: Use, message: Extract<ThreadMessage, { kind: 'ask' | 'moved' }>): void {
    const { direction, bytes } = message;
    if (message.kind === 'moved') return use.correct(direction, bytes);
    const { request } = message;
    use.ask(direction, bytes, () => this.#post({ kind: 'go', request }));
  }

  #post(message: HostMessage): void {
    this.#worker.postMessage(message);
  }

  #end(error: unknown): void {
    this.alive = false;
    this.#fail(asStrongroomError(error));
  }

  /** Passes an abort on, and ends the thread if it does not heed it in time. */
  #abortOn(signal: AbortSignal | undefined, graceMs: number): Disposable & { readonly aborted: boolean } {
    let timer: NodeJS.Timeout | undefined;
    const abort = (): void => {
      this.#post({ kind: 'abort' });
      timer = setTimeout(() => {
        this.#end(new StrongroomError('CANCELLED', {}));
        void this.#worker.terminate();
      }, graceMs);
    };
    signal?.addEventListener('abort', abort, { once: true });
    return {
      aborted: signal?.aborted === true,
      [Symbol.dispose]() {
        clearTimeout(timer);
        signal?.removeEventListener('abort', abort);
      },
    };
  }
}

function errorOf({ error, stack }: Extract<ThreadMessage, { kind: 'error' }>): StrongroomError {
  const rebuilt = errorFromData(error);
  if (stack !== undefined) rebuilt.stack = stack;
  return rebuilt;
}
