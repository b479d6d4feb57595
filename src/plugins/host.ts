/** What plugins may touch of the machine they run on. */
import { lstat, realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, normalize, sep } from 'node:path';
import type { PluginHost } from '../contracts/index.ts';
import { StrongroomError } from '../errors.ts';

export interface PluginHostOptions {
  /** Absolute paths of the folders that sources, restores and storage targets may use. */
  readonly roots: readonly string[];
  /** Absolute path of the service's own data; of it, only what lies below `repositories` is for plugins. */
  readonly dataDir: string;
}

/** The folder below the data directory that is always open to storage targets. */
const REPOSITORIES = 'repositories';

/**
 * Makes the host that plugins are given. It reads only its options, so every thread can make its own.
 *
 * `allowedPath` judges what is there now. Somebody who can write below a root can still exchange a folder for a link
 * between that judgement and the use of the path; plugins that follow names below the path guard themselves against it.
 */
export const createPluginHost = ({ roots, dataDir }: PluginHostOptions): PluginHost => ({
  async allowedPath(path) {
    const real = await realPlace(path);
    if (real === undefined) throw refusal(path);
    const data = await realPlace(dataDir);
    if (data === undefined) throw refusal(path);
    if (isBelow(real, join(data, REPOSITORIES)) && real !== join(data, REPOSITORIES)) return real;
    if (isBelow(real, data)) throw refusal(path);
    for (const root of roots) {
      const place = await realPlace(root);
      if (place !== undefined && isBelow(real, place)) return real;
    }
    throw refusal(path);
  },
  ownData: () => realPlace(dataDir),
});

const refusal = (path: string): StrongroomError =>
  new StrongroomError('PATH_NOT_ALLOWED', { path: JSON.stringify(path) });

/** Whether `path` is `folder` or lies in it; both are real paths. */
const isBelow = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith(sep) ? folder : folder + sep);

/**
 * The path that `path` really leads to: links of everything that exists are followed, what does not exist yet keeps
 * its name. `undefined` where that can't be told: a path that is not absolute or climbs with `..` (which means
 * one thing before links are followed and another after), a link to nothing, a loop of links, a folder that may
 * not be searched.
 */
async function realPlace(path: string): Promise<string | undefined> {
  if (!isAbsolute(path) || path.includes('\0') || path.split(sep).includes('..')) return undefined;
  const absent: string[] = [];
  for (let at = trimmed(path); ; at = dirname(at)) {
    try {
      return join(await realpath(at), ...absent);
    } catch (error) {
      if (!isMissing(error) || (await isLink(at)) || at === dirname(at)) return undefined;
      absent.unshift(basename(at));
    }
  }
}

const trimmed = (path: string): string => {
  const plain = normalize(path);
  return plain.length > 1 && plain.endsWith(sep) ? plain.slice(0, -1) : plain;
};

async function isLink(path: string): Promise<boolean> {
  try {
    return (await lstat(path)).isSymbolicLink();
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

const isMissing = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR');
