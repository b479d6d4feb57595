/** A Strongroom of its own for the demo, started as a user starts it. */
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';

export interface Service extends AsyncDisposable {
  readonly url: string;
  /** The administrator's token, as printed on the first start. */
  readonly token: string;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** @param roots where sources and restores may be */
export async function startService(dataDirectory: string, roots: string): Promise<Service> {
  const child = execa(process.execPath, ['src/main.ts', 'serve'], {
    cwd: ROOT,
    env: { STRONGROOM_DATA_DIR: dataDirectory, STRONGROOM_ROOTS: roots, STRONGROOM_PORT: '0', STRONGROOM_LOG: 'warn' },
    extendEnv: true,
    stderr: 'inherit',
    reject: false,
    forceKillAfterDelay: 20_000,
  });
  let url: string | undefined;
  let token: string | undefined;
  // Leaving `child.iterable()` would wait for the service to end; leaving lines read from its stream does not.
  for await (const text of createInterface({ input: child.stdout })) {
    url ??= /(http:\/\/\S+)\/graphql/.exec(text)?.[1];
    token ??= /\b(srt_\S+)/.exec(text)?.[1];
    if (url !== undefined && token !== undefined) break;
  }
  if (url === undefined || token === undefined) throw new Error('The service did not start; what it said is above.');
  return {
    url,
    token,
    async [Symbol.asyncDispose]() {
      child.kill('SIGTERM');
      await child;
    },
  };
}
