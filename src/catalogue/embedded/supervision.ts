/** Keeps the server running while the service does. */
import { setTimeout as delay } from 'node:timers/promises';
import type { ServerProcess } from './server-process.ts';

const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 30_000;

/** Starts the server again, with `start`, whenever it is gone. Disposing stops it for good. */
export function superviseServer(
  first: ServerProcess,
  start: () => Promise<ServerProcess>,
  log: (message: string) => void,
): AsyncDisposable {
  const closing = new AbortController();
  let server = first;

  const watch = async (): Promise<void> => {
    for (;;) {
      await server.gone;
      if (closing.signal.aborted) return;
      log('The embedded PostgreSQL has ended unexpectedly; it is started again.');
      const next = await startAgain(start, log, closing.signal);
      if (next === undefined) return;
      server = next;
      if (closing.signal.aborted) await server.stop();
    }
  };
  const watching = watch();

  return {
    async [Symbol.asyncDispose]() {
      closing.abort();
      await server.stop();
      await watching;
    },
  };
}

async function startAgain(
  start: () => Promise<ServerProcess>,
  log: (message: string) => void,
  closing: AbortSignal,
): Promise<ServerProcess | undefined> {
  for (let wait = FIRST_RETRY_MS; !closing.aborted; wait = Math.min(wait * 2, LAST_RETRY_MS)) {
    try {
      return await start();
    } catch (error) {
      log(`${error instanceof Error ? error.message : String(error)} It is tried again in ${wait} ms.`);
      await pause(wait, closing);
    }
  }
  return undefined;
}

/** Ends early, without error, when the service stops. */
async function pause(milliseconds: number, closing: AbortSignal): Promise<void> {
  try {
    await delay(milliseconds, undefined, { signal: closing });
  } catch (error) {
    if (!closing.aborted) throw error;
  }
}
