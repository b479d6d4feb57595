/** The files and folders that a configuration names, and where they stand in its tree. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { PluginHost, SourceContext } from '../../../src/contracts/index.ts';
import { StrongroomError } from '../../../src/errors.ts';
import { isMissing, warningOf } from '../directory/warnings.ts';

/** One named path, the links above it resolved. */
export interface NamedItem {
  /** As configured. */
  readonly configured: string;
  readonly absolute: string;
  /** Relative to the base; empty for the base itself. */
  readonly relative: string;
  readonly kind: 'file' | 'directory' | 'symlink' | 'missing';
  readonly size: number;
}

/** The directory that all paths in the tree are relative to: `root` if there is one, else `/`. */
export const baseOf = async (root: string | undefined, host: PluginHost): Promise<string> =>
  root === undefined ? '/' : host.allowedPath(root);

/**
 * Finds the named paths. A named link is one item, and what it leads to another: a link alone would save no content.
 * Throws `PATH_NOT_ALLOWED`, and `INPUT_INVALID` when one leads out of `base`.
 */
export async function findItems(
  base: string,
  paths: readonly string[],
  host: PluginHost,
): Promise<readonly NamedItem[]> {
  const items: NamedItem[] = [];
  for (const configured of paths) {
    const absolute = await host.allowedPath(configured);
    const place = await linkAt(configured, absolute);
    if (place !== undefined) {
      await host.allowedPath(dirname(place));
      items.push(await itemAt(base, configured, place));
    }
    items.push(await itemAt(base, configured, absolute));
  }
  return items;
}

/** The items that are there; for each other one a warning. Throws `SOURCE_MISSING` when none is. */
export function presentItems(items: readonly NamedItem[], context: SourceContext): readonly NamedItem[] {
  const present = items.filter((item) => item.kind !== 'missing');
  const first = items[0];
  if (present.length === 0 && first !== undefined) throw missing(first);
  for (const item of items) if (item.kind === 'missing') context.warn(warningOf(missing(item), item.configured));
  return present;
}

export const missing = (item: NamedItem): StrongroomError =>
  new StrongroomError('SOURCE_MISSING', { subject: item.configured });

/** Where the link is that `configured` names, if it names one; the links above it resolved. */
async function linkAt(configured: string, absolute: string): Promise<string | undefined> {
  if (configured === absolute) return undefined;
  try {
    const place = join(await realpath(dirname(configured)), basename(configured));
    return (await lstat(place)).isSymbolicLink() ? place : undefined;
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
}

async function itemAt(base: string, configured: string, absolute: string): Promise<NamedItem> {
  const prefix = base === '/' ? base : `${base}/`;
  if (absolute !== base && !absolute.startsWith(prefix)) {
    throw new StrongroomError('INPUT_INVALID', { field: 'paths', reason: `${configured} does not lie below ${base}.` });
  }
  const relative = absolute.slice(prefix.length);
  try {
    const stats = await lstat(absolute);
    const kind = stats.isSymbolicLink() ? 'symlink' : stats.isDirectory() ? 'directory' : 'file';
    return { configured, absolute, relative, kind, size: stats.isFile() ? stats.size : 0 };
  } catch (error) {
    if (isMissing(error)) return { configured, absolute, relative, kind: 'missing', size: 0 };
    throw error;
  }
}
