/** The port of the embedded server: chosen once, so that workers and people find it again after a restart. */
import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { EMBEDDED_HOST, type EmbeddedLayout } from './layout.ts';

/** The port kept, or `undefined`. */
export async function keptPort(layout: EmbeddedLayout): Promise<number | undefined> {
  try {
    const port = Number((await readFile(layout.port, 'utf8')).trim());
    return Number.isInteger(port) && port > 0 && port < 65_536 ? port : undefined;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** The port kept if it is free, else another one, which is kept from now on. */
export async function choosePort(layout: EmbeddedLayout): Promise<number> {
  const kept = await keptPort(layout);
  if (kept !== undefined && (await listenOnce(kept)) !== undefined) return kept;
  const free = await listenOnce(0);
  if (free === undefined) throw new Error('The system has no free port.');
  await writeFile(layout.port, `${free}\n`, { mode: 0o644 });
  return free;
}

/** The port if it could be listened at just now. */
function listenOnce(port: number): Promise<number | undefined> {
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  const probe = createServer();
  probe.once('error', (error) => {
    if ('code' in error && (error.code === 'EADDRINUSE' || error.code === 'EACCES')) resolve(undefined);
    else reject(error);
  });
  probe.listen({ port, host: EMBEDDED_HOST, exclusive: true }, () => {
    const address = probe.address();
    probe.close(() => resolve(address !== null && typeof address === 'object' ? address.port : undefined));
  });
  return promise;
}
