/**
 * Strongroom as users run it: a service with its worker and embedded catalogue is up, and `strongroom backup create` asks it over
 * HTTP and waits. The start of the command line counts, the start of the service does not.
 */
import { createInterface } from 'node:readline';
import { chmod, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { measure, peakMemory, sizeOf } from '../process.ts';
import type { Tool } from './tool.ts';

export interface Strongroom extends Tool {
  /** The most memory the service has had, in MB, with the backups and restores in it. */
  peakMemory(): Promise<number>;
}

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const MAIN = join(ROOT, 'src/main.ts');

export async function strongroom(place: string, source: string): Promise<Strongroom> {
  await mkdir(join(place, 'strongroom'), { recursive: true });
  await chmod(place, 0o711);
  const settings = {
    STRONGROOM_DATA_DIR: join(place, 'strongroom', 'data'),
    STRONGROOM_ROOTS: place,
    STRONGROOM_PORT: '0',
    STRONGROOM_LOG: 'warn',
  };
  const service = execa(process.execPath, [MAIN, 'serve'], {
    cwd: ROOT,
    env: settings,
    stderr: 'inherit',
    reject: false,
  });
  let url: string | undefined;
  let token: string | undefined;
  for await (const line of createInterface({ input: service.stdout })) {
    url ??= /(http:\/\/\S+)\/graphql/.exec(line)?.[1];
    token ??= /\b(srt_\S+)/.exec(line)?.[1];
    if (url !== undefined && token !== undefined) break;
  }
  if (url === undefined || token === undefined) throw new Error('The service did not start.');
  const env = { STRONGROOM_URL: url, STRONGROOM_TOKEN: token };
  const run = (...parameters: string[]) =>
    measure(process.execPath, [MAIN, '--quiet', ...parameters], { cwd: ROOT, env });
  await run('workload', 'create', 'bench');
  await run('source', 'add', 'files', '--plugin', 'directory', '--set', `path=${source}`);
  let round = 0;
  const repository = (): string => join(place, `strongroom-${round}`);
  return {
    name: 'strongroom',
    async prepare() {
      round += 1;
      await run('repository', 'create', `r${round}`, '--set', `path=${repository()}`, '--generate-passphrase');
    },
    backup: async () => (await run('backup', 'create', '--repository', `r${round}`, '--type', 'incremental')).seconds,
    restore: async (target) => (await run('backup', 'restore', 'latest', '--to', target)).seconds,
    size: () => sizeOf(repository()),
    peakMemory: () => peakMemory(service.pid ?? 0),
    async [Symbol.asyncDispose]() {
      service.kill('SIGTERM');
      await service;
    },
  };
}
