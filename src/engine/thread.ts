/** Where a thread of the engine starts: one operation at a time. */
import { parentPort, workerData } from 'node:worker_threads';
import { asStrongroomError, errorToData, StrongroomError } from '../errors.ts';
import { backup } from './backup.ts';
import { listTree, readFile, statEntry } from './browse.ts';
import { collectGarbageSoon } from '../collect-garbage.ts';
import { type EngineInput, type EngineOperation, type EngineOutput, longOperations } from './operations.ts';
import {
  addRepositoryKey,
  checkRepository,
  createRepository,
  deleteSnapshot,
  removeRepositoryKey,
} from './repositories.ts';
import { previewRestore, restore } from './restore.ts';
import { Run } from './run.ts';
import { checkSource, discardPrevious, discoverSource, revertRestore } from './sources.ts';
import { ThreadKeys } from './thread-keys.ts';
import { ThreadLimits } from './thread-limits.ts';
import type { Beginning, HostMessage, ThreadMessage } from './thread-protocol.ts';
import { verify } from './verify.ts';
import { type EngineSettings, Workshop } from './workshop.ts';

type Handlers = {
  readonly [O in EngineOperation]: (workshop: Workshop, input: EngineInput<O>, run: Run) => Promise<EngineOutput<O>>;
};

const handlers: Handlers = {
  createRepository,
  checkRepository,
  addRepositoryKey,
  removeRepositoryKey,
  backup,
  restore,
  previewRestore,
  verify,
  deleteSnapshot,
  listTree,
  statEntry,
  checkSource,
  discoverSource,
  revertRestore,
  discardPrevious,
};

if (parentPort === null) throw new Error('The engine runs in threads of its host.');
const port = parentPort;
const post = (message: ThreadMessage): void => port.postMessage(message);
const limits = new ThreadLimits(post);
const keys = new ThreadKeys(post);
const workshop = Workshop.open(workerData as EngineSettings, limits, keys);
// Whoever has an operation run here hears of it; a thread that waits for one must not die of it.
workshop.catch(() => undefined);
let abort = new AbortController();
let file: AsyncGenerator<Uint8Array> | undefined;

/** Reports what went wrong; a run that was aborted failed because of that, whatever it says itself. */
function fail(thrown: unknown): void {
  const error = abort.signal.aborted ? new StrongroomError('CANCELLED', {}) : asStrongroomError(thrown);
  post({ kind: 'error', error: errorToData(error), stack: thrown instanceof Error ? thrown.stack : undefined });
  forget();
}

function begin({ allowance, derived }: Beginning): void {
  abort = new AbortController();
  limits.begin(allowance, abort.signal);
  keys.begin(derived);
}

async function operate<O extends EngineOperation>(operation: O, input: EngineInput<O>): Promise<EngineOutput<O>> {
  using state = new Run(abort.signal, limits, (progress) => post({ kind: 'progress', progress }));
  return await handlers[operation](await workshop, input, state);
}

async function run<O extends EngineOperation>(operation: O, input: EngineInput<O>): Promise<void> {
  post({ kind: 'result', output: await operate(operation, input) });
  forget();
  if (longOperations.has(operation)) collectGarbageSoon();
}

/** Lets go of whoever listened for the end or the limits of an operation: this thread may rest for long. */
function forget(): void {
  abort = new AbortController();
  limits.end();
}

async function* fileOf(input: Parameters<typeof readFile>[1]): AsyncGenerator<Uint8Array> {
  yield* readFile(await workshop, input);
}

async function perform(message: HostMessage): Promise<void> {
  switch (message.kind) {
    case 'run':
      begin(message);
      return run(message.operation, message.input);
    case 'readFile':
      begin(message);
      file = fileOf(message.input);
      return;
    case 'pull': {
      const next = await file?.next();
      return post({ kind: 'piece', bytes: next === undefined || next.done === true ? undefined : next.value });
    }
    case 'allow':
      return limits.allow(message.allowance);
    case 'go':
      return limits.go(message.request);
    case 'abort':
      abort.abort();
      return;
  }
}

port.on('message', (message: HostMessage) => void perform(message).catch(fail));
