/** Checks of what a request asks of a list. */
import { StrongroomError } from '../errors.ts';
import { pageSizes } from './limits.ts';

export interface PageArguments {
  readonly first?: number | null | undefined;
  readonly last?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly before?: string | null | undefined;
}

/**
 * Throws `INPUT_INVALID` naming the argument of a page that can't be served. Takes any arguments: where Pothos hands
 * them to a relation's query, their type does not tell of the page.
 */
export function checkPage(args: object, maximum: number = pageSizes.maximum): void {
  const page: PageArguments = { ...args };
  const wrong = (field: string, reason: string): StrongroomError =>
    new StrongroomError('INPUT_INVALID', { field, reason });
  for (const field of ['first', 'last'] as const) {
    const size = page[field];
    if (size === null || size === undefined) continue;
    if (size < 0) throw wrong(field, 'a page cannot have less than 0 objects.');
    if (size > maximum)
      throw wrong(field, `a page has at most ${maximum} objects; ask for the next one by its cursor.`);
  }
  if (given(page.first) && given(page.last)) throw wrong('last', 'give first or last, not both.');
  if (given(page.after) && given(page.before)) throw wrong('before', 'give after or before, not both.');
  if (given(page.after) && given(page.last)) throw wrong('last', 'goes with before; after goes with first.');
  if (given(page.before) && given(page.first)) throw wrong('first', 'goes with after; before goes with last.');
}

/** What a page costs: how many objects it may have. */
export function pageCost(page: PageArguments): { readonly field: number; readonly multiplier: number } {
  const size = page.first ?? page.last ?? pageSizes.default;
  return { field: 1, multiplier: Math.min(Math.max(size, 1), pageSizes.maximum) };
}

const given = (value: unknown): boolean => value !== null && value !== undefined;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * Reads a page by `find` after checking its arguments. A cursor that leads nowhere is refused: Prisma would answer it
 * with an empty page, and a client would take that for the end of the list. `query` is what Pothos made of the arguments;
 * `exists` finds the object of a cursor.
 */
export async function readPage<Row>(
  args: object,
  query: { readonly cursor?: unknown },
  find: () => PromiseLike<Row[]>,
  exists: (id: string) => PromiseLike<unknown>,
): Promise<Row[]> {
  checkPage(args);
  const { cursor } = query;
  if (typeof cursor !== 'object' || cursor === null || !('id' in cursor)) return find();
  const id = String(cursor.id);
  const field = 'after' in args && given(args.after) ? 'after' : 'before';
  if (!uuid.test(id))
    throw new StrongroomError('INPUT_INVALID', { field, reason: 'this is not a cursor of this list.' });
  const rows = await find();
  if (rows.length > 0 || (await exists(id)) !== null) return rows;
  throw new StrongroomError('INPUT_INVALID', {
    field,
    reason: 'what it marks has been deleted; start the list again.',
  });
}
