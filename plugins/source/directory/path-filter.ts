/**
 * Which paths a source takes. Patterns are globs over the path below the root, with `/` between segments:
 * - a pattern without a slash is matched against the name alone, at any depth: `*.tmp`, `node_modules`;
 * - a pattern with a slash is matched from the root: `uploads/*.jpg`, `/cache`, `logs/**`;
 * - a trailing slash takes directories only: `tmp/`;
 * - `*` and `?` stop at a slash, `**` does not; names that start with a dot are names like any other.
 *
 * `exclude` wins: an excluded directory is not entered at all. With `include`, only what matches and all that lies
 * below a matching directory is taken, and the directories that lead there. Bytes that are not UTF-8 count as U+FFFD.
 */
import picomatch from 'picomatch';

/** What the filter says of one path. */
export type Verdict =
  /** It is taken, and if it is a directory then all below it that is not excluded. */
  | 'taken'
  /** A directory in which something may match; it is taken once something does. */
  | 'searched'
  | 'left';

export interface PathFilter {
  /** `path` and `name` as text; `parent` is what the filter said of the directory it lies in. */
  judge(path: string, name: string, isDirectory: boolean, parent: Verdict): Verdict;
}

interface Pattern {
  readonly byName: boolean;
  readonly directoryOnly: boolean;
  readonly matches: (text: string) => boolean;
  /** Segments before the first wildcard: nothing outside of them can match. */
  readonly base: string;
}

/** Compiles the patterns; `undefined` when everything is taken. Throws what picomatch throws for a malformed one. */
export function compileFilter(
  include: readonly string[] | undefined,
  exclude: readonly string[] | undefined,
): PathFilter | undefined {
  const wanted = include === undefined || include.length === 0 ? undefined : include.map(compile);
  const unwanted = (exclude ?? []).map(compile);
  if (wanted === undefined && unwanted.length === 0) return undefined;
  return {
    judge(path, name, isDirectory, parent) {
      if (unwanted.some((pattern) => hits(pattern, path, name, isDirectory))) return 'left';
      if (wanted === undefined || parent === 'taken') return 'taken';
      if (wanted.some((pattern) => hits(pattern, path, name, isDirectory))) return 'taken';
      return isDirectory && wanted.some((pattern) => leadsTo(path, pattern.base)) ? 'searched' : 'left';
    },
  };
}

/** What the filter says of the root itself. */
export const rootVerdict = (include: readonly string[] | undefined): Verdict =>
  include === undefined || include.length === 0 ? 'taken' : 'searched';

function compile(glob: string): Pattern {
  const directoryOnly = glob.endsWith('/');
  const trimmed = glob.replace(/\/+$/, '');
  const byName = !trimmed.includes('/');
  const text = trimmed.replace(/^(?:\.?\/)+/, '');
  const { base, isGlob } = picomatch.scan(text);
  return {
    byName,
    directoryOnly,
    matches: picomatch(text, { dot: true, nonegate: true, strictSlashes: true, flags: 's' }),
    base: byName ? '' : isGlob ? base : text,
  };
}

const hits = (pattern: Pattern, path: string, name: string, isDirectory: boolean): boolean =>
  (isDirectory || !pattern.directoryOnly) && pattern.matches(pattern.byName ? name : path);

const leadsTo = (path: string, base: string): boolean =>
  base === '' || base === path || base.startsWith(`${path}/`) || path.startsWith(`${base}/`);
