/** What a restore calls its databases, stable over its attempts. */
import { shortId } from '../database/short-id.ts';

export interface RestoreNames {
  readonly live: string;
  /** Filled beside the live one. */
  readonly beside: string;
  /** Holds what was replaced, and what there is to know of it. */
  readonly before: string;
  /** Tables in `before` that are there before and after the exchange; the exchange renames one to the other. */
  readonly begun: string;
  readonly done: string;
  /** Instead of `begun`, once the exchange must not take place any more. */
  readonly undone: string;
  /** The same after what was replaced has been brought back. */
  readonly reverted: string;
}

/** Names have so many characters at most, none of them beyond those of 16 bits. */
const LONGEST = 64;

/** The end of the names of databases that hold what a restore has replaced. */
export const beforeSuffix = (restoreId: string): string => `_before_${shortId(restoreId)}`;

/** Where a name is too long with its end, its beginning is cut. */
export function namesFor(live: string, restoreId: string): RestoreNames {
  const id = shortId(restoreId);
  const suffixed = (suffix: string): string => {
    if (live.length + suffix.length <= LONGEST) return live + suffix;
    // Two long names must not become one.
    const cut = `_${shortId(live)}${suffix}`;
    return live.slice(0, LONGEST - cut.length) + cut;
  };
  return {
    live,
    beside: suffixed(`_strongroom_${id}`),
    before: suffixed(beforeSuffix(restoreId)),
    begun: `strongroom_${id}_begun`,
    done: `strongroom_${id}_done`,
    undone: `strongroom_${id}_undone`,
    reverted: `strongroom_${id}_reverted`,
  };
}
