/** Keeps a restore by absolute paths within the allowed roots. */
import { dirname, join } from 'node:path';
import { pathToText } from '../../../src/contracts/index.ts';
import type { PluginHost, SourceContext, StoredEntry } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { warningOf } from '../directory/warnings.ts';

/**
 * The entries whose place below `base` is allowed; of each other one there is a warning. Directories that only lead to
 * others (see `scan`) pass together with the first of those: where they are there, nothing of them is touched.
 */
export async function* allowedEntries<E extends StoredEntry>(
  entries: AsyncIterable<E>,
  base: string,
  host: PluginHost,
  context: SourceContext,
): AsyncGenerator<E> {
  let folder = { path: '', allowed: false };
  let leading: E[] = [];
  for await (const entry of entries) {
    const place = join(base, entry.path.toString());
    if (entry.kind === 'directory' && entry.metadata.mtimeNs === undefined) {
      leading = [...leading.filter((above) => leadsTo(above, entry)), entry];
      continue;
    }
    const path = dirname(place);
    if (folder.path !== path) folder = { path, allowed: await isAllowed(path, host) };
    if (folder.allowed || (await isAllowed(place, host))) {
      yield* leading.filter((above) => leadsTo(above, entry));
      leading = [];
      yield entry;
      continue;
    }
    const subject = pathToText(entry.path);
    const error = new StrongroomError('RESTORE_SKIPPED', {
      path: subject,
      reason: 'it lies outside the allowed roots',
    });
    context.warn(warningOf(error, subject));
  }
}

const leadsTo = (above: StoredEntry, entry: StoredEntry): boolean =>
  above.path.length === 0 || entry.path.toString('latin1').startsWith(`${above.path.toString('latin1')}/`);

export async function isAllowed(path: string, host: PluginHost): Promise<boolean> {
  try {
    await host.allowedPath(path);
    return true;
  } catch (error) {
    if (error instanceof StrongroomError && error.code === 'PATH_NOT_ALLOWED') return false;
    throw error;
  }
}
