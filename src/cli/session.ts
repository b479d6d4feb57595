/** What the body of a command works with. */
import { connect } from './api/connect.ts';
import { createClient } from './api/client.ts';
import type { ApiClient } from './api/client.ts';
import type { CommandLineDeps } from './deps.ts';
import { createPrompt } from './input/prompt.ts';
import type { Prompt } from './input/prompt.ts';
import { readToken } from './input/secrets.ts';
import { createInterrupts } from './interrupts.ts';
import type { Interrupts } from './interrupts.ts';
import { createOutput } from './output/output.ts';
import type { Output } from './output/output.ts';

/** Options that every command has. */
export interface GlobalOptions {
  readonly url?: string;
  readonly tokenFile?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly color?: boolean;
}

export interface Session extends AsyncDisposable {
  readonly deps: CommandLineDeps;
  readonly output: Output;
  readonly prompt: Prompt;
  readonly interrupts: Interrupts;
  /** What broke standard output, once something did: its reader has left, or its disk is full. */
  brokenOutput(): Error | undefined;
  now(): Date;
  /** The API; the way to it is opened at the first call and closed with the session. */
  api(): Promise<ApiClient>;
}

export function createSession(deps: CommandLineDeps, options: GlobalOptions): Session {
  const { stdout, stderr, stdin, environment, clock } = deps;
  const output = createOutput({
    stdout,
    stderr,
    json: options.json ?? false,
    quiet: options.quiet ?? false,
    colour: environment.colour && options.color !== false,
  });
  const resources = new AsyncDisposableStack();
  const interrupts = resources.use(createInterrupts((listener) => deps.onInterrupt(listener)));

  let broken: Error | undefined;
  // It stays: writes that are still under way when the command has ended may fail, too.
  stdout.on('error', (error) => {
    broken ??= error;
    interrupts.leave();
  });

  async function open(): Promise<ApiClient> {
    const token = await readToken(deps, options.tokenFile);
    const url = options.url ?? environment.url;
    const place = await connect({
      ...(url !== undefined && { url }),
      ...(token !== undefined && { token }),
      defaultUrl: environment.defaultUrl,
      openLocal: () => deps.openLocal(),
      note: (text) => output.note(text),
    });
    resources.use(place.transport);
    return createClient(place, interrupts.signal);
  }
  let opened: Promise<ApiClient> | undefined;
  return {
    deps,
    output,
    interrupts,
    prompt: createPrompt(stdin, stderr),
    brokenOutput: () => broken,
    now: () => clock.now(),
    api() {
      opened ??= open();
      return opened;
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}
